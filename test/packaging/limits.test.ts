/** What the documents say of promises and limits must be true of the tests and the sources. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const run = (...parameters: readonly string[]) => spawnSync(process.execPath, parameters, { encoding: 'utf8' })

it('docs/limits.md and docs/architecture.md have the limits of the sources (else: node scripts/limits.mjs)', () => {
  expect(run('scripts/limits.mjs', '--check').stdout).toBe('')
})

it('each promise that docs/promises.md says is kept has a test whose title begins with its id', () => {
  const { stdout, status } = run('scripts/promises.mjs', '--titles')
  expect(stdout).not.toContain('NO TEST')
  expect(stdout.match(/^P\d{2}$/gm)?.length).toBeGreaterThanOrEqual(12)
  expect(status).toBe(0)
})

it('docs/promises.md has each of the 68 promises exactly once, kept or for later', () => {
  const ids = [...readFileSync('docs/promises.md', 'utf8').matchAll(/^\| (P\d{2}) \|/gm)].map(
    (match) => match[1],
  )
  expect([...ids].sort()).toEqual(
    Array.from({ length: 68 }, (_, index) => `P${String(index + 1).padStart(2, '0')}`),
  )
})
