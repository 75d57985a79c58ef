/**
 * `npm run lab`: real network outages between hosts in network namespaces, with a Chromium in each. Needs root
 * on Linux.
 *
 *   --json          one line of figures on stdout, as `npm run bench` prints
 *   --only NAME     scenarios whose name contains this
 *   --subset        the few minutes that `npm test` plays
 *   --trials N      rooms that share each outage; 20, or 4 in the subset
 *   --list          names only
 *   --out FILE      the same line into a file, also when nothing could be played: then with the reason
 *
 * The exit code is 1 when a bar was missed, a scenario could not be played to its end, or namespaces are not
 * allowed here.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { ROOT } from './checks.mjs'

/** As many as the figures are meant for; few enough for the subset to end within three minutes. */
const TRIALS = 20
const SUBSET_TRIALS = 4

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    subset: { type: 'boolean', default: false },
    trials: { type: 'string' },
    out: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})
const outfile = join(ROOT, 'node_modules/.cache/holdfast-lab/lab.mjs')
await build({
  entryPoints: [join(ROOT, 'bench/lab/lab.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
})
const { cleanUp, namesOf, runLab, whyNoNetwork } = await import(pathToFileURL(outfile).href)
const options = {
  only: values.only ?? null,
  isSubset: values.subset,
  trials: Number(values.trials ?? (values.subset ? SUBSET_TRIALS : TRIALS)),
  progress: (line) => process.stderr.write(`${line}\n`),
}
if (values.list) {
  process.stdout.write(`${namesOf(options).join('\n')}\n`)
  process.exit(0)
}
const why = whyNoNetwork()
if (why !== null) {
  process.stderr.write(`lab: not played: ${why}\n`)
  if (values.out) writeFileSync(values.out, JSON.stringify({ suite: 'lab', figures: [], reason: why }))
  process.exit(1)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => {
    cleanUp()
    process.exit(130)
  })
process.once('exit', cleanUp)

const figures = await runLab(options)
if (values.out) writeFileSync(values.out, JSON.stringify({ suite: 'lab', figures }))
if (values.json) process.stdout.write(`${JSON.stringify({ suite: 'lab', figures })}\n`)
else for (const figure of figures) process.stdout.write(`${lineOf(figure)}\n`)
// A browser that a scenario forgot must not keep the command from ending.
process.exit(figures.every(({ holds }) => holds !== false) ? 0 : 1)

function lineOf({ name, value, unit, bar, holds, n }) {
  const judged = bar === null ? '' : `  bar ${bar}  ${holds ? 'holds' : 'MISSED'}`
  return `${name}: ${value} ${unit}${judged}  (n=${n})`
}
