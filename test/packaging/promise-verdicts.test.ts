/** What `npm run promises` believes: results of tests that ran, and nothing that only looks like a test. */
import { describe, expect, it } from 'vitest'
import { judged, resultsOf, titlesIn } from '../../scripts/promise-verdicts.mjs'

/** Put together here, so that this file does not claim to keep a promise. */
const ID = 'P' + '17'
const OTHER = 'P' + '18'
const FILE = 'test/unit/one.test.ts'

function result(title: string, outcome: string, file = FILE) {
  return { file, titles: ['a group', title], outcome, reason: 'no janus' }
}

/** What is said of the first title of a file's text after these results. */
function verdictOn(text: string, results: readonly ReturnType<typeof result>[], file = FILE) {
  const [test] = titlesIn(text, file)
  if (test === undefined) return null
  return judged(resultsOf(test, results))
}

describe('a promise', () => {
  const text = `it('${ID} is kept', () => undefined)`

  it('is kept by a test that passed', () => {
    expect(verdictOn(text, [result(`${ID} is kept`, 'passed')])).toEqual({ text: 'passed', isKept: true })
  })

  it('is not kept by a test that failed, also beside passing runs of the same title', () => {
    const runs = [result(`${ID} is kept`, 'passed'), result(`${ID} is kept`, 'failed')]
    expect(verdictOn(text, runs)).toEqual({ text: 'FAILED (1 of 2)', isKept: false })
  })

  it('is not kept by a test that was switched off, and the reason is told', () => {
    expect(verdictOn(text, [result(`${ID} is kept`, 'skipped')])).toEqual({
      text: 'not run (no janus)',
      isKept: false,
    })
  })

  it('is not kept by a title in a comment or in a string: nobody ran it', () => {
    for (const words of [`// it('${ID} is kept')`, `/* '${ID} is kept' */`, `const text = '${ID} is kept'`])
      expect(verdictOn(words, [result(`${OTHER} another`, 'passed')])).toEqual({
        text: 'not run',
        isKept: false,
      })
    expect(verdictOn(`// ${ID} is kept`, [])).toBeNull()
  })

  it('is not kept by an id in the middle of a title', () => {
    expect(verdictOn(`it('not yet ${ID} at all', () => undefined)`, [])).toBeNull()
  })

  it('is not kept by what another file has under a title that varies', () => {
    const varying = `it.each(all)('${ID} %s', () => undefined)`
    const elsewhere = result(`${ID} something else`, 'passed', 'test/unit/other.test.ts')
    expect(verdictOn(varying, [elsewhere])?.isKept).toBe(false)
    expect(verdictOn(varying, [elsewhere, result(`${ID} all of it`, 'passed')])?.isKept).toBe(true)
  })

  it('is kept by scenarios that other files run, and by everything in a group of its name', () => {
    const run = result(`${ID} is kept`, 'passed', 'test/browser/failover.spec.ts')
    expect(verdictOn(text, [run], 'test/support/scenarios.ts')?.isKept).toBe(true)
    const group = { file: FILE, titles: [`${ID} is kept`, 'one of them'], outcome: 'failed' }
    expect(judged(resultsOf(titlesIn(text, FILE)[0] as never, [group]))).toMatchObject({ isKept: false })
  })
})
