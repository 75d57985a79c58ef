/** What `npm run corpus` does. */
import { statSync } from 'node:fs'
import { CORPUS_ENDING, CORPUS_FOLDER, listRecordings } from './read.js'
import type { RecordingHead } from './recording.js'
import { SCENARIOS, UNMADE } from './scenarios.js'

export { recordDump } from './dump.js'
export { pack, record } from './record.js'

/** The labels with their recordings, and what could not be made. */
export function list(): readonly string[] {
  const heads = listRecordings()
  const bytes = heads.reduce(
    (sum, { name }) => sum + statSync(`${CORPUS_FOLDER}/${name}${CORPUS_ENDING}`).size,
    0,
  )
  const lines = SCENARIOS.map(({ label, note }) =>
    lineOf(
      label,
      note,
      heads.filter((one) => one.label === label),
    ),
  )
  const seconds = heads.reduce((sum, head) => sum + head.seconds, 0)
  const labels = new Set(heads.map((head) => head.label))
  return [
    'label                 recordings (held out)  seconds  browser           calls                what is injected',
    ...lines,
    `${labels.size} labels, ${heads.length} recordings, ${seconds} s, ${Math.round(bytes / 1000)} kB`,
    ...UNMADE.map(({ label, why }) => `not made: ${label}: ${why}`),
  ]
}

function lineOf(label: string, note: string, heads: readonly RecordingHead[]): string {
  const held = heads.filter((one) => one.isHeldOut).length
  const browsers = [...new Set(heads.map((one) => one.browser))].join(',') || '-'
  const calls = heads.map((one) => one.topology).join(' ') || 'none recorded'
  const seconds = heads.reduce((sum, head) => sum + head.seconds, 0)
  return [
    label.padEnd(21),
    `${heads.length} (${held})`.padEnd(22),
    String(seconds).padEnd(8),
    browsers.padEnd(17),
    calls.padEnd(20),
    note,
  ].join(' ')
}
