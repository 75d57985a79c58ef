/**
 * `npm run bench -- SUITE [--json]`: runs `bench/SUITE.ts`, which exports `run(progress)` and returns figures.
 *
 * One line of JSON on stdout with --json, a table without; progress goes to stderr. The exit code tells
 * whether the suite ran, not whether every bar holds: a figure that misses its bar says so itself.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { ROOT } from './checks.mjs'

const parameters = process.argv.slice(2)
const isJson = parameters.includes('--json')
const suite = parameters.find((parameter) => !parameter.startsWith('--'))
const known = existsSync(join(ROOT, 'bench')) ? suitesIn(join(ROOT, 'bench')) : []

if (suite === undefined || !known.includes(suite)) {
  process.stderr.write(`usage: npm run bench -- SUITE [--json]; suites: ${known.join(', ')}\n`)
  process.exit(2)
}

const { run } = await bundled(join(ROOT, 'bench', `${suite}.ts`))
const figures = await run((line) => process.stderr.write(`${line}\n`))
if (isJson) process.stdout.write(`${JSON.stringify({ suite, figures })}\n`)
else for (const figure of figures) process.stdout.write(`${lineOf(figure)}\n`)
// A browser or server that a suite forgot must not keep the command from ending.
process.exit(0)

function suitesIn(folder) {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('-page.ts') && name !== 'figure.ts')
    .map((name) => name.slice(0, -'.ts'.length))
}

/** The suites are TypeScript: bundled into the cache folder, packages left outside. */
async function bundled(entry) {
  const outfile = join(ROOT, 'node_modules/.cache/holdfast-bench', `${suite}.mjs`)
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  return import(pathToFileURL(outfile).href)
}

function lineOf({ name, value, unit, bar, holds, n }) {
  const judged = bar === null ? '' : `  bar ${bar}  ${holds ? 'holds' : 'MISSED'}`
  return `${name}: ${value} ${unit}${judged}  (n=${n})`
}
