/**
 * Which tests keep which promise: `npm run promises` prints each id of the first table of docs/promises.md with
 * the titles that begin with it. It fails when an id has no test, or when the table names a title that no test
 * begins with. It reads the tests, it does not run them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** A string that begins with one or more ids, in any of the three quotes. */
const TITLE = /(['"`])((?:P\d{2} )+(?:\\.|(?!\1)[^\\\n])*)\1/g

/** Ids of the promises that are kept today, in the order of docs/promises.md. */
export function promisedIds(root = ROOT) {
  const kept = readFileSync(join(root, 'docs/promises.md'), 'utf8').split(/^## /m)[1] ?? ''
  return [...kept.matchAll(/^\| (P\d{2}) \|/gm)].map((match) => match[1])
}

/** Titles by id, each with the file that it stands in. A title may name several ids. */
export function titlesById(root = ROOT) {
  const found = new Map()
  for (const file of sourcesBelow(join(root, 'test')))
    for (const [, , title] of readFileSync(file, 'utf8').matchAll(TITLE)) {
      const ids = title
        .match(/^(?:P\d{2} )+/)[0]
        .trim()
        .split(' ')
      for (const id of ids) found.set(id, [...(found.get(id) ?? []), { title, file: relative(root, file) }])
    }
  return found
}

function sourcesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Titles that docs/promises.md names and no test has; a title may be cut short where it varies. */
export function unknownTitles(root = ROOT) {
  const known = [...titlesById(root).values()].flat().map(({ title }) => title.replaceAll("\\'", "'"))
  const told = readFileSync(join(root, 'docs/promises.md'), 'utf8').matchAll(/"((?:P\d{2} )+[^"]*)"/g)
  return [...told].map((match) => match[1]).filter((title) => !known.some((one) => one.startsWith(title)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const titles = titlesById()
  for (const id of promisedIds()) {
    const own = titles.get(id) ?? []
    process.stdout.write(`${id}${own.length === 0 ? '  NO TEST' : ''}\n`)
    for (const { title, file } of own) process.stdout.write(`  ${file}: ${title}\n`)
    if (own.length === 0) process.exitCode = 1
  }
  for (const title of unknownTitles()) {
    process.stdout.write(`NO SUCH TEST  ${title}\n`)
    process.exitCode = 1
  }
}
