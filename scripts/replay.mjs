/**
 * `npm run replay -- FILE... [--all]`: plays recordings through the engine of the health worker and prints what it
 * says: verdicts, scores, alerts, risks. Takes traces of `call.exportTrace()`, whose answers must come out byte for
 * byte (the exit code is 1 when they do not), rtcstats logs and webrtc-internals dumps. `--all` prints every answer
 * as a line of JSON, without it only what is news.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { ROOT } from './checks.mjs'

const parameters = process.argv.slice(2)
const isAll = parameters.includes('--all')
const files = parameters.filter((parameter) => !parameter.startsWith('--'))
if (files.length === 0) {
  process.stderr.write('usage: npm run replay -- FILE... [--all]\n')
  process.exit(2)
}

const outfile = join(ROOT, 'node_modules/.cache/holdfast-bench/replay.mjs')
await build({
  entryPoints: [join(ROOT, 'bench/support/replay.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
})
const { replay } = await import(pathToFileURL(outfile).href)

for (const file of files) {
  const result = replayed(file)
  if (result === null) continue
  for (const line of result.outputs.flatMap(isAll ? (output) => [JSON.stringify(output)] : newsOf))
    process.stdout.write(`${line}\n`)
  const { firstDifference, inputs, bytes, kind } = result
  const compared = kind === 'trace' ? 'the recorded answers' : 'a second run'
  const verdict =
    firstDifference === null ? 'byte for byte' : `NOT the same from input ${firstDifference.index} on`
  process.stdout.write(
    `${file}: ${inputs} inputs, ${bytes} bytes of answers, compared with ${compared}: ${verdict}\n`,
  )
  if (firstDifference !== null) {
    process.stdout.write(`recorded ${firstDifference.recorded}\nreplayed ${firstDifference.replayed}\n`)
    process.exitCode = 1
  }
}

/** Null for what is no recording, said in one line. */
function replayed(file) {
  try {
    return replay(textOf(readFileSync(file)))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    process.stderr.write(`${file}: no trace, no rtcstats log and no webrtc-internals dump (${error.message})\n`)
    process.exitCode = 1
    return null
  }
}

/** Chromium writes dumps compressed, whatever their name ends in. */
function textOf(bytes) {
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b
  return (isCompressed ? gunzipSync(bytes) : bytes).toString('utf8')
}

/** Lines for people: what changed with this answer. */
function newsOf({ verdicts, suspicions, report, risk }) {
  return [
    ...verdicts.map(
      ({ connectionId, state, blame, evidence }) =>
        `verdict ${connectionId}: ${state}${blame === 'none' ? '' : `, ${blame}`} (${evidence.join(', ')})`,
    ),
    ...(suspicions ?? []).map(({ participant, level }) => `peer ${participant}: ${level}`),
    ...(report?.changes ?? []).map(
      ({ type, alert }) => `alert ${type}: ${alert.kind} ${alert.severity}, ${alert.blame.culprit}`,
    ),
    ...(risk?.changes ?? []).map(
      ({ about, level, risk: value, signals }) =>
        `risk ${about.type} ${about.id}: ${level} (${value} %; ${signals.map(({ signal }) => signal).join(', ')})`,
    ),
  ]
}
