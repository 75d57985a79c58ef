/**
 * `npm run explore [-- --full] [--json]`: visits every state of the agreement core within bounds, on two threads
 * (test/simulation/explorer.ts says what a state is). Without --full only the models of `npm test`.
 *
 * One line per model, or one line of JSON on stdout with --json. A violation is printed as a scenario that
 * test/scenarios can play; the exit code is 1 then.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { ROOT } from './checks.mjs'

/** As many as the figures are meant for. */
const WORKERS = 2
/** The largest search keeps a few million answers. */
const MEMORY_MB = 3000
const MS_PER_SECOND = 1000
const OUT = join(ROOT, 'node_modules/.cache/holdfast-explore')

const { values } = parseArgs({
  options: { full: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
})
const startedMs = performance.now()
await bundled()
const { FULL_MODELS, QUICK_MODELS } = await import(pathToFileURL(join(OUT, 'explorer-models.mjs')).href)
const waiting = (values.full ? FULL_MODELS : QUICK_MODELS).map(({ name }) => name)
const results = []
// The larger ones come last in the list and are begun first.
waiting.reverse()
await Promise.all(Array.from({ length: WORKERS }, searchAll))
const seconds = Math.round((performance.now() - startedMs) / MS_PER_SECOND)
const sum = (key) => results.reduce((total, result) => total + result[key], 0)
const total = { states: sum('states'), transitions: sum('transitions'), violations: sum('violations'), seconds }
if (values.json) process.stdout.write(`${JSON.stringify({ models: results, ...total })}\n`)
else process.stdout.write(`all: ${total.states} states, ${total.transitions} transitions, ${seconds} s\n`)
process.exitCode = total.violations === 0 ? 0 : 1

/** One thread that takes models from the list until it is empty. */
async function searchAll() {
  const worker = new Worker(join(OUT, 'explorer-worker.mjs'), {
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  })
  while (waiting.length > 0) {
    worker.postMessage(waiting.shift())
    const [result] = await once(worker, 'message')
    report(result)
  }
  await worker.terminate()
}

function report({ story, message, ...result }) {
  results.push(result)
  const bound = result.isComplete ? '' : `, to depth ${result.maxDepth ?? result.depth} only`
  const line = `${result.states} states, ${result.transitions} transitions, depth ${result.depth}${bound}`
  const verdict = message === undefined ? 'no violation' : `VIOLATION: ${message}`
  const text = `${result.name}: ${line}, rounds 0..${result.maxRound}, ${verdict}, ${result.seconds} s\n`
  const stream = values.json ? process.stderr : process.stdout
  stream.write(story ? `${text}\n${story}\n` : text)
}

async function bundled() {
  await build({
    entryPoints: ['explorer-worker', 'explorer-models'].map((name) => join(ROOT, `test/simulation/${name}.ts`)),
    outdir: OUT,
    bundle: true,
    format: 'esm',
    platform: 'node',
    outExtension: { '.js': '.mjs' },
  })
}
