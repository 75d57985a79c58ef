/**
 * `npm run corpus -- --list`: what the fault corpus holds. `npm run corpus -- --record [LABEL|NAME ...]`: records
 * it anew with a real browser; takes about 15 minutes for all.
 * `-- --pack`: writes the compact form of what was recorded before. `-- --dump`: makes the dump of
 * chrome://webrtc-internals that tests read.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { ROOT } from './checks.mjs'

const parameters = process.argv.slice(2)
const names = parameters.filter((parameter) => !parameter.startsWith('--'))
const isRecord = parameters.includes('--record')
const isPack = parameters.includes('--pack')
const isDump = parameters.includes('--dump')

if (!isRecord && !isPack && !isDump && !parameters.includes('--list')) {
  process.stderr.write('usage: npm run corpus -- --list | --record [LABEL|NAME ...] | --pack | --dump\n')
  process.exit(2)
}

const { list, pack, record, recordDump } = await bundled(join(ROOT, 'test/corpus/command.ts'))
process.chdir(ROOT)
if (isRecord) {
  const failed = await record(names, (line) => process.stderr.write(`${line}\n`))
  if (failed.length > 0) process.stderr.write(`not recorded: ${failed.join(', ')}\n`)
  process.exit(failed.length > 0 ? 1 : 0)
}
if (isDump) await recordDump()
if (isPack) await pack((line) => process.stderr.write(`${line}\n`))
for (const line of list()) process.stdout.write(`${line}\n`)

async function bundled(entry) {
  const outfile = join(ROOT, 'node_modules/.cache/holdfast-bench/corpus.mjs')
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  })
  return import(pathToFileURL(outfile).href)
}
