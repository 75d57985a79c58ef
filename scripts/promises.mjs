/**
 * Which tests keep which promise, and how they ended: `npm run promises` prints each id of docs/promises.md with the
 * tests whose titles begin with it and their results. What `npm test` has already run on these very sources is
 * taken from there; the rest is run. It fails when a kept promise has no test, when a test of one failed or did
 * not run, and when docs/promises.md names a title that no test begins with.
 *
 *   P17 P24      these promises only
 *   --recorded   runs nothing; a test without a result is `not run`
 *   --titles     titles only
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from './checks.mjs'
import { keepResults, keptResults, sourcesNow } from './promise-results.mjs'
import { isRunnable, judged, resultsOf, titlesIn } from './promise-verdicts.mjs'
import { playwrightResults, runPlaywright, runVitest, vitestResults } from './reports.mjs'

const { values, positionals } = parseArgs({
  options: { recorded: { type: 'boolean', default: false }, titles: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const documented = readFileSync(join(ROOT, 'docs/promises.md'), 'utf8')
const sections = documented.split(/^## /m)
const kept = idsIn(sections.find((text) => text.startsWith('Kept')))
const later = idsIn(sections.find((text) => text.startsWith('Later')))
const unknown = positionals.filter((id) => ![...kept, ...later].includes(id))
if (unknown.length > 0) {
  process.stderr.write(`no such promise: ${unknown.join(', ')}\n`)
  process.exit(2)
}
const isAsked = (id) => positionals.length === 0 || positionals.includes(id)
const tests = testsBelow(join(ROOT, 'test'))
const asked = tests.filter(({ ids }) => ids.some(isAsked))
const sources = sourcesNow()
let results = keptResults(sources)
if (!values.titles && !values.recorded) results = await completed(results)

const broken = []
for (const id of [...kept, ...later].filter(isAsked).sort()) printPromise(id)
for (const title of unknownTitles()) {
  process.stdout.write(`NO SUCH TEST  ${title}\n`)
  broken.push(title)
}
const wanted = kept.filter(isAsked)
const failing = broken.length === 0 ? '' : `; not shown: ${broken.join(', ')}`
if (!values.titles)
  process.stdout.write(
    `${wanted.filter((id) => !broken.includes(id)).length} of ${wanted.length} promises kept${failing}\n`,
  )
process.exitCode = broken.length === 0 ? 0 : 1

function idsIn(section = '') {
  return [...section.matchAll(/^\| (P\d{2}) \|/gm)].map((match) => match[1])
}

/** Every title that begins with ids, with the file that it stands in. */
function testsBelow(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((path) => /\.tsx?$/.test(path))
  return files
    .sort()
    .flatMap((path) => titlesIn(readFileSync(join(folder, path), 'utf8'), relative(ROOT, join(folder, path))))
}

/** What is known, and what has to be run for the rest. */
async function completed(known) {
  // What was only skipped may run by now: somebody has installed what was missing.
  const open = asked.filter((test) => resultsOf(test, known).every(({ outcome }) => outcome === 'skipped'))
  const ids = [...new Set(open.flatMap(({ ids }) => ids))].filter(isAsked)
  if (ids.length === 0) return known
  process.stdout.write(`no result for these sources yet: ${ids.sort().join(' ')}; running their tests\n`)
  const carriers = new RegExp(`^(?:P\\d{2} )*(?:${ids.join('|')}) `)
  const grep = `(^|\\s)(${ids.join('|')}) `
  const files = [...new Set(open.flatMap(({ file }) => unitFilesOf(file)))]
  const found = []
  if (files.length > 0) found.push(...vitestResults((await runVitest([...files, '-t', grep])).report))
  if (open.some(({ file }) => unitFilesOf(file).length === 0))
    found.push(...playwrightResults((await runPlaywright(['-g', grep])).report))
  // The others of the same files were left out, which is not the same as switched off.
  keepResults(
    found.filter(({ titles }) => titles.some((title) => carriers.test(title))),
    sources,
  )
  return keptResults(sources)
}

/** The vitest files that run the tests of a file: itself, or those that import it; none where only browsers do. */
function unitFilesOf(file) {
  if (isRunnable(file)) return file.endsWith('.test.ts') ? [file] : []
  const imported = `/${basename(file, '.ts')}.js'`
  return readdirSync(join(ROOT, 'test'), { recursive: true })
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => readFileSync(join(ROOT, 'test', path), 'utf8').includes(imported))
    .map((path) => join('test', path))
}

function printPromise(id) {
  const own = tests.filter(({ ids }) => ids.includes(id))
  const isLater = later.includes(id)
  let isBroken = own.length === 0
  const lines = own.map((test) => {
    const { text, isKept } = judged(resultsOf(test, results))
    isBroken ||= !isKept && !values.titles
    return `  ${values.titles ? '' : `${text}  `}${test.file}: ${test.title}\n`
  })
  const note = isLater ? '  later' : own.length === 0 ? '  NO TEST' : ''
  process.stdout.write(`${id}${note}\n${lines.join('')}`)
  if (isBroken && !isLater) broken.push(id)
}

/** Titles that docs/promises.md names and no test has; a title may be cut short where it varies. */
function unknownTitles() {
  const told = [...documented.matchAll(/"((?:P\d{2} )+[^"]*)"/g)].map((match) => match[1])
  return told.filter((title) => !tests.some((one) => one.title.startsWith(title)))
}
