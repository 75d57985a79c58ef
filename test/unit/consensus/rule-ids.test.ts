import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const here = dirname(fileURLToPath(import.meta.url))
const titles = readdirSync(here)
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => [...readFileSync(`${here}/${file}`, 'utf8').matchAll(/^\s*test\('(.*)',/gm)])
  .map((match) => match[1] ?? '')

const RULES = [
  'R1 Learn',
  'R2 Lineage',
  'R3 Fork',
  'R4 Accept',
  'R5 Fast vote',
  'R6 Join round',
  'R7 Time out',
  'R8 Propose',
  'R9 Hop',
  'R10 Clean leave',
  'R11 Wake',
  'R12 Lone status',
  'R13 Genesis',
]

test('each rule of the protocol has a test that begins with its id', () => {
  const missing = RULES.filter((rule) => !titles.some((title) => title.startsWith(`${rule}: `)))
  expect(missing).toEqual([])
})

test('docs/protocol.md has each rule under the same number and name', () => {
  const page = readFileSync(`${here}/../../../docs/protocol.md`, 'utf8')
  const missing = RULES.filter((rule) => {
    const [id = '', ...name] = rule.split(' ')
    return !page.includes(`${id.slice(1)}. **${name.join(' ')}.**`)
  })
  expect(missing).toEqual([])
})
