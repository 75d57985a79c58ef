/**
 * How the tests that carry the id of a promise ended, kept from one run to the next in `.cache/promises.json`:
 * `npm test` writes all of them, `npm run promises` those that it runs itself. Results count only for the very
 * sources that they were measured on; whatever changes below `src` or `test` makes them worthless.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './checks.mjs'

const FILE = join(ROOT, '.cache/promises.json')
/** A title that begins with one or more ids. */
export const CARRIES_ID = /^(?:P\d{2} )+/

/** Names the sources as they are now. */
export function sourcesNow(root = ROOT) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  for (const folder of ['src', 'test'])
    for (const path of readdirSync(join(root, folder), { recursive: true }).sort()) {
      if (!/\.(ts|tsx|txt|json)$/.test(path) || path.startsWith('fixtures')) continue
      hash.update(`\n${folder}/${path}\n`).update(readFileSync(join(root, folder, path)))
    }
  return hash.digest('hex')
}

/** Adds results to those that are kept for these sources; the newest of a test counts. */
export function keepResults(results, sources) {
  const nameOf = ({ file, titles }) => JSON.stringify([file, titles])
  const all = new Map(keptResults(sources).map((result) => [nameOf(result), result]))
  for (const result of results)
    if (result.titles.some((title) => CARRIES_ID.test(title))) all.set(nameOf(result), result)
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, `${JSON.stringify({ sources, results: [...all.values()] }, null, 1)}\n`)
}

/** What is kept for these sources; empty where nothing is, or where it was measured on others. */
export function keptResults(sources) {
  if (!existsSync(FILE)) return []
  const kept = JSON.parse(readFileSync(FILE, 'utf8'))
  return kept.sources === sources ? kept.results : []
}
