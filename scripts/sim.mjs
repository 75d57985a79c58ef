/**
 * `npm run sim`: seeded calls with real documents under faults, on two threads.
 *
 *   --seeds 2000 [--json]         many seeds over all profiles
 *   --seeds 500 --profile churn   many seeds of one profile
 *   --seed 7 --profile churn      one seed again, exactly as it was
 *   --starts 1000000 [--json]     simultaneous starts (promise P01)
 *   --mutants [--json]            breaks the protocol on purpose; each break must be noticed
 *
 * One line of JSON on stdout with --json. A failing seed is printed with the faults that it takes. The exit code
 * is 1 when something failed.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { ROOT } from './checks.mjs'

/** As many as the figures are meant for. */
const WORKERS = 2
/** Runs leave much garbage behind; a small nursery would spend a tenth of the time on it. */
const MEMORY = { maxYoungGenerationSizeMb: 128 }
const MS_PER_SECOND = 1000
const OUT = join(ROOT, 'node_modules/.cache/holdfast-sim')

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string' },
    starts: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const startedMs = performance.now()
const seconds = () => Math.round((performance.now() - startedMs) / (MS_PER_SECOND / 10)) / 10
const file = await bundled()

if (values.mutants) await tryMutants()
else if (values.starts !== undefined) await playStarts(Number(values.starts))
else await playSeeds()

async function playSeeds() {
  const isOne = values.seed !== undefined
  const task = {
    seeds: isOne ? 1 : Number(values.seeds ?? 200),
    first: isOne ? Number(values.seed) : 1,
    profile: values.profile ?? null,
    starts: 0,
  }
  const { addTally, failureText, newTally } = await import(pathToFileURL(file).href)
  const sum = newTally()
  for (const tally of await onAllCores(task, isOne ? 1 : WORKERS)) addTally(sum, tally)
  const { failures, virtualSeconds, worstHealMs, ...counts } = sum
  const printed = {
    ...counts,
    virtualSeconds: Math.round(virtualSeconds),
    violations: failures.length,
    worstHealMs: Math.round(worstHealMs),
    seconds: seconds(),
  }
  for (const failure of failures) process.stderr.write(`${failureText(failure)}\n`)
  print(printed)
  process.exitCode = failures.length === 0 ? 0 : 1
}

async function playStarts(starts) {
  const parts = await onAllCores({ starts }, WORKERS)
  const races = parts.flatMap((part) => part.races)
  for (const race of races) process.stderr.write(`${race}\n`)
  print({ starts: parts.reduce((sum, part) => sum + part.starts, 0), races: races.length, seconds: seconds() })
  process.exitCode = races.length === 0 ? 0 : 1
}

async function tryMutants() {
  const { killMutants } = await import(pathToFileURL(file).href)
  const verdicts = await killMutants(ROOT)
  for (const { name, isKilled, how } of verdicts)
    process.stderr.write(`${isKilled ? 'killed  ' : 'SURVIVED'} ${name}: ${how}\n`)
  const killed = verdicts.filter((verdict) => verdict.isKilled).length
  print({ mutants: verdicts.length, killed, seconds: seconds() })
  process.exitCode = killed === verdicts.length ? 0 : 1
}

function print(figures) {
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`)
  else
    for (const [name, value] of Object.entries(figures))
      process.stdout.write(`${name}: ${JSON.stringify(value)}\n`)
}

function onAllCores(task, workers) {
  return Promise.all(
    Array.from(
      { length: workers },
      (_, index) =>
        new Promise((resolve, reject) => {
          const worker = new Worker(file, { workerData: { ...task, index, workers }, resourceLimits: MEMORY })
          worker.once('message', resolve)
          worker.once('error', reject)
        }),
    ),
  )
}

async function bundled() {
  mkdirSync(OUT, { recursive: true })
  const outfile = join(OUT, 'sim-worker.mjs')
  await build({
    entryPoints: [join(ROOT, 'test/simulation/documents/sim-worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  return outfile
}
