/**
 * Plays a recording to the health engine: one engine per page, all in step on the common clock, each told what its
 * page could know, including the word of the others with the delay of their heartbeats. What the engines said is
 * returned; nothing here knows what was injected.
 */
import { TICK_MS } from '../../src/health/death.js'
import { type LocalFacts, type PageFacts, type PeerFacts, UNKNOWN_DEVICE } from '../../src/health/facts.js'
import { pulse } from '../../src/health/layout.js'
import { reduceStats } from '../../src/health/reduce.js'
import type { HealthReport } from '../../src/health/report.js'
import { NO_WORD, type Word } from '../../src/health/word.js'
import { createHealthEngine, type EngineState } from '../../src/worker/health-engine.js'
import type { ConnectionSample, HealthOutput, SampleBatch } from '../../src/worker/protocol.js'
import type { Published, RecordedPage, RecordedSignal, Recording, Tick } from './recording.js'

/** What one page's engine said at one tick. */
export interface Said {
  readonly page: string
  readonly atMs: number
  readonly report: HealthReport | null
  readonly output: HealthOutput
}

interface Player {
  readonly page: RecordedPage
  engine: ReturnType<typeof createHealthEngine>
  readonly words: { readonly atMs: number; readonly word: Word }[]
  readonly stateOf: { state: string; reason: string | null; sinceMs: number }
  fullAtMs: number
  factsAtMs: number
  /** What everybody published when the facts were told: a change is told at once. */
  states: string
  isCurious: boolean
}

/** As in the sampler: statistics once a second, and at every look while something is odd. */
const FULL_EVERY_MS = 980
const FACTS_EVERY_MS = 980
/** As in the sampler: a picture that stands this long is looked at again at once. */
const ODD_FRAME_MS = 300
const AWAY_MS = 3000
const SOURCE = { audio: 'microphone', video: 'camera' } as const

/** Plays it; what the engines said, in the order of time. */
export function playRecording(recording: Recording): readonly Said[] {
  const players = recording.pages.map(
    (page): Player => ({
      page,
      engine: createHealthEngine(),
      words: [],
      stateOf: { state: 'connected', reason: null, sinceMs: 0 },
      fullAtMs: Number.NEGATIVE_INFINITY,
      factsAtMs: Number.NEGATIVE_INFINITY,
      states: '',
      isCurious: false,
    }),
  )
  const ticks = players
    .flatMap((player) => player.page.ticks.map((tick) => ({ player, tick })))
    .sort((a, b) => a.tick.atMs - b.tick.atMs)
  return ticks.map(({ player, tick }) => playTick(recording, players, player, tick))
}

function playTick(recording: Recording, players: readonly Player[], player: Player, tick: Tick): Said {
  const connectionId = idOf(recording)
  for (const signal of tick.signals) playSignal(player, connectionId, tick.atMs, signal)
  const isFull = player.isCurious || isOdd(tick) || tick.atMs - player.fullAtMs >= FULL_EVERY_MS
  if (isFull) player.fullAtMs = tick.atMs
  const states = JSON.stringify([tick.published, tick.local, tick.heard.map(({ published }) => published)])
  const isTold = states !== player.states || tick.atMs - player.factsAtMs >= FACTS_EVERY_MS
  if (isTold) Object.assign(player, { states, factsAtMs: tick.atMs })
  const batch: SampleBatch = {
    atMs: tick.atMs,
    isOnline: tick.isOnline,
    connections: [sampleOf(recording, player, tick, isFull)],
    heard: {
      peers: tick.heard.map(({ peer, ageMs }) => ({
        participant: peer,
        beatAtMs: tick.atMs - ageMs,
        mediaAtMs: null,
        beatEveryMs: 1000,
        isExcused: false,
      })),
      ownPathAtMs: null,
    },
    ...(isTold ? { facts: factsOf(recording, players, player, tick) } : {}),
  }
  const output = player.engine.ingest(batch)
  player.engine = createHealthEngine(expectingRecorder(player.engine.state))
  player.isCurious = output.wantsStats
  const report = output.report ?? null
  if (report) player.words.push({ atMs: tick.atMs, word: report.word })
  return { page: player.page.id, atMs: tick.atMs, report, output }
}

/** The recorder looks at its own pace, however soon the engine wants to: the next look is not late for that. */
function expectingRecorder(state: EngineState): EngineState {
  return { ...state, death: { ...state.death, expectedTickMs: TICK_MS } }
}

const idOf = (recording: Recording): string => (recording.topology === 'sfu' ? 'sfu#1' : 'mesh#1')

function playSignal(player: Player, connectionId: string, atMs: number, signal: RecordedSignal): void {
  if (signal.type === 'response') {
    if (signal.status === 401 || signal.status === 403)
      Object.assign(player.stateOf, { state: 'failed', reason: 'auth', sinceMs: atMs })
  } else if (signal.type === 'probe')
    player.engine.probed({ connectionId, atMs, isAnswered: signal.isAnswered })
  else if (signal.type === 'ice') {
    const role = player.page.connections.find(({ pc }) => pc === signal.pc)?.role ?? 'both'
    const state = signal.state as 'connected'
    player.engine.signal({ connectionId, atMs, signal: { type: 'ice', role, state } })
  } else player.engine.signal({ connectionId, atMs, signal: { type: signal.type } })
}

function sampleOf(recording: Recording, player: Player, tick: Tick, isFull: boolean): ConnectionSample {
  const peers = recording.pages.map(({ id }) => id).filter((id) => id !== player.page.id)
  const others = tick.heard.map(({ published }) => published)
  const newestMs = Math.min(...tick.receivers.map(({ sinceMs }) => sinceMs))
  const mediaAtMs = Number.isFinite(newestMs) ? tick.atMs - newestMs : Number.NaN
  return {
    connectionId: idOf(recording),
    provider: recording.topology === 'sfu' ? 'sfu' : 'mesh',
    hasServer: recording.topology === 'sfu',
    isCurrent: true,
    expectsInbound: others.length === 0 || others.some(isPublishing),
    expectsOutbound: isPublishing(tick.published),
    peers,
    values: isFull ? fullValues(player, tick, peers, mediaAtMs) : pulse(tick.atMs, mediaAtMs, 0),
  }
}

function fullValues(player: Player, tick: Tick, peers: readonly string[], mediaAtMs: number): Float64Array {
  const raw = tick.stats.map(({ pc, entries }) => {
    const { role = 'both', peer = null } = player.page.connections.find((one) => one.pc === pc) ?? {}
    const states = tick.states.find((one) => one.pc === pc)
    return {
      pc,
      role,
      entries,
      ...(states ? { states } : {}),
      peerIndexOf: () => (peer === null ? -1 : peers.indexOf(peer)),
      trackOf: (track: string | null) => {
        const seen = tick.receivers.find((one) => one.pc === pc && one.trackIdentifier === track)
        return seen ? { state: 0, sinceFrameMs: seen.sinceMs } : undefined
      },
    }
  })
  return reduceStats({ atMs: tick.atMs, mediaAtMs, costMs: 0 }, raw)
}

/** Only what usually moves is odd when it stands. */
function isOdd(tick: Tick): boolean {
  return tick.receivers.some(({ sinceMs }) => sinceMs > ODD_FRAME_MS)
}

function isPublishing({ audio, video }: Published): boolean {
  return audio !== 'off' || video !== 'off'
}

function factsOf(recording: Recording, players: readonly Player[], player: Player, tick: Tick): PageFacts {
  const { state, reason, sinceMs } = player.stateOf
  const provider = recording.topology === 'sfu' ? 'sfu' : 'mesh'
  return {
    me: player.page.id,
    thresholds: null,
    isHidden: tick.isHidden,
    isSoundBlocked: false,
    tokenLeftMs: null,
    queuedBytes: null,
    local: tick.local.flatMap((track): LocalFacts[] => {
      const told = tick.published[track.kind]
      if (told === 'off') return []
      const { kind, isMuted, readyState } = track
      const isEnded = readyState === 'ended'
      return [{ source: SOURCE[kind], kind, isMuted: told === 'muted', isEnded, isSilenced: isMuted }]
    }),
    peers: tick.heard.map((one) => peerFacts(one, provider, wordAt(players, one.peer, tick.atMs - one.ageMs))),
    connections: [
      {
        connectionId: idOf(recording),
        provider,
        state: state as 'connected',
        reason,
        sinceMs: tick.atMs - sinceMs,
      },
    ],
    device: { ...UNKNOWN_DEVICE, browser: recording.browser },
  }
}

function peerFacts({ peer, ageMs, published }: Tick['heard'][number], provider: string, word: Word): PeerFacts {
  const kinds = (['audio', 'video'] as const).filter((kind) => published[kind] !== 'off')
  return {
    id: peer,
    publishing: kinds.map((kind) => SOURCE[kind]),
    muted: kinds.filter((kind) => published[kind] === 'muted').map((kind) => SOURCE[kind]),
    isAway: ageMs > AWAY_MS,
    suspicion: null,
    silentMs: ageMs,
    word,
    flowingOn: provider,
  }
}

/** What somebody last said of itself when its latest heartbeat left. */
function wordAt(players: readonly Player[], peer: string, atMs: number): Word {
  const words = players.find(({ page }) => page.id === peer)?.words ?? []
  return words.findLast((one) => one.atMs <= atMs)?.word ?? NO_WORD
}
