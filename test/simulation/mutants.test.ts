/**
 * The mutation gate: a simulator that does not notice a broken protocol proves nothing about a sound one. Each
 * mutant is bundled with its change, played on seeds that the protocol passes, and must be noticed for its own
 * reason.
 */
import { describe, expect, test } from 'vitest'
import { killMutants } from './documents/gate.js'
import { MUTANTS } from './documents/mutants.js'
import { applyEdits } from './documents/mutate.js'

const ROOT = process.cwd()

test('every mutant is killed', { timeout: 120_000 }, async () => {
  const verdicts = await killMutants(ROOT)
  expect(verdicts.filter(({ isKilled }) => !isKilled).map(({ name, how }) => `${name}: ${how}`)).toEqual([])
  expect(verdicts.map(({ name }) => name)).toEqual(MUTANTS.map(({ name }) => name))
})

describe('a mutant', () => {
  const edit = { file: 'a.ts', anchor: 'one', replacement: 'two' }

  test('changes the text that it names', () => {
    expect(applyEdits('at one place', [edit])).toBe('at two place')
  })

  test.each(['at no place', 'one and one'])(
    'fails loudly when its text is not there exactly once: %s',
    (text) => {
      expect(() => applyEdits(text, [edit])).toThrow('must have exactly once')
    },
  )

  test('that changes nothing survives, and the gate says so', { timeout: 60_000 }, async () => {
    const harmless = { name: 'harmless', edits: [], noticedBy: /./, profile: 'calm', seeds: [1, 2] } as const
    const [verdict] = await killMutants(ROOT, [harmless])
    expect(verdict).toEqual({ name: 'harmless', isKilled: false, how: 'survives 2 seeds of calm' })
  })
})
