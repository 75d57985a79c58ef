/**
 * webrtc-issue-detector on the recordings of the corpus: its own parser and detectors, fed with the recorded
 * statistics through objects that look like peer connections to it.
 */
import { createRequire } from 'node:module'
import type * as Rival from 'webrtc-issue-detector'
import type { StatEntry } from '../../src/health/stat-rows.js'
import type { RecordedPage, Recording } from '../../test/corpus/recording.js'

/** One issue that it reported. */
export interface RivalIssue {
  readonly page: string
  readonly atMs: number
  readonly reason: string
}

/** Statistics as they stand in the moment that is played. */
type Board = Map<number, readonly StatEntry[]>

const QUIET = { debug: ignore, info: ignore, warn: ignore, error: ignore }
/** A report of one sender or receiver holds these besides its own stream. */
const SHARED = new Set(['candidate-pair', 'local-candidate', 'remote-candidate', 'transport', 'codec'])

/** What it says of a recording when it looks every `everyMs` (its default is 5000). */
export async function rivalIssues(recording: Recording, everyMs: number): Promise<readonly RivalIssue[]> {
  const issues: RivalIssue[] = []
  const realNow = Date.now
  // It leaves a handle of itself on the window.
  Reflect.set(globalThis, 'window', {})
  try {
    for (const page of recording.pages) issues.push(...(await issuesOf(page, everyMs)))
  } finally {
    Date.now = realNow
    Reflect.deleteProperty(globalThis, 'window')
  }
  return issues.sort((a, b) => a.atMs - b.atMs)
}

async function issuesOf(page: RecordedPage, everyMs: number): Promise<readonly RivalIssue[]> {
  // Published for bundlers only: its ES module has no package.json that says so.
  const rival = createRequire(import.meta.url)('webrtc-issue-detector') as typeof Rival
  const issues: RivalIssue[] = []
  let atMs = 0
  // It takes rates and ages from this clock.
  Date.now = () => atMs
  const compositeStatsParser = new rival.CompositeRTCStatsParser({
    statsParser: new rival.RTCStatsParser({ logger: QUIET }),
  })
  const statsReporter = new rival.PeriodicWebRTCStatsReporter({
    compositeStatsParser,
    getStatsInterval: everyMs,
  })
  const detector = new rival.default({
    logger: QUIET,
    compositeStatsParser,
    statsReporter,
    autoAddPeerConnections: false,
    onIssues: (found) => issues.push(...found.map(({ reason }) => ({ page: page.id, atMs, reason }))),
  })
  const board: Board = new Map()
  for (const { pc } of page.connections) detector.handleNewPeerConnection(fakeConnection(board, pc), `${pc}`)
  // The recording beats the time.
  statsReporter.stopReporting()
  let dueMs = everyMs
  for (const tick of page.ticks) {
    if (tick.atMs < dueMs) continue
    dueMs += everyMs
    atMs = tick.atMs
    for (const { pc, entries } of tick.stats) board.set(pc, entries)
    for (const item of await compositeStatsParser.parse())
      statsReporter.emit(rival.PeriodicWebRTCStatsReporter.STATS_REPORT_READY_EVENT, item)
  }
  return issues
}

function fakeConnection(board: Board, pc: number): RTCPeerConnection {
  const endsOf = (own: readonly string[]): readonly unknown[] =>
    (['audio', 'video'] as const).flatMap((kind) => {
      const isOwn = (entry: StatEntry): boolean => own.includes(String(entry.type)) && entry.kind === kind
      if (!board.get(pc)?.some(isOwn)) return []
      const entries = (board.get(pc) ?? []).filter((entry) => SHARED.has(String(entry.type)) || isOwn(entry))
      return [
        {
          track: { enabled: true, kind },
          getStats: async () => new Map(entries.map((entry) => [entry.id, { ...entry }])),
        },
      ]
    })
  return {
    connectionState: 'connected',
    iceConnectionState: 'connected',
    addEventListener: ignore,
    getSenders: () => endsOf(['outbound-rtp', 'remote-inbound-rtp', 'media-source']),
    getReceivers: () => endsOf(['inbound-rtp', 'remote-outbound-rtp']),
  } as unknown as RTCPeerConnection
}

function ignore(): undefined {
  return undefined
}
