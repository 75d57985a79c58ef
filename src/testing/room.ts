/**
 * A fresh room in which one compliance check runs: participants connect, every event of theirs is written
 * down, waits are on conditions, and afterwards everything is left. Checks read like the promise they prove
 * because the repeated parts live here.
 */
import type {
  Connection,
  ConnectionEvents,
  JoinRequest,
  LocalTrack,
  Provider,
  RemoteTrack,
  TrackSource,
} from '../providers/provider.js'
import { createNoticeBoard, type NoticeBoard } from './board.js'
import type { ComplianceLimits, ComplianceSetup } from './compliance.js'

/** An event as it was told, in order. */
export type LoggedEvent = {
  [Name in keyof ConnectionEvents]: { readonly name: Name; readonly event: ConnectionEvents[Name] }
}[keyof ConnectionEvents]

/** A connected participant under observation. */
export interface Participant {
  readonly peer: string
  readonly provider: Provider
  readonly connection: Connection
  /** Everything told since `connect()` resolved. */
  readonly log: readonly LoggedEvent[]
  /** Tracks shown now of a participant, of one source if named. */
  tracksOf(peer: string, source?: TrackSource): readonly RemoteTrack[]
}

/** What differs from the plain join. */
export interface JoinOptions {
  readonly tracks?: readonly LocalTrack[]
  readonly signal?: AbortSignal
  readonly provider?: Provider
  readonly room?: string
  /** Default: one session per participant and check, as for one page. */
  readonly session?: string
}

/** The room of one check. */
export interface ComplianceRoom {
  readonly name: string
  readonly setup: ComplianceSetup
  readonly limits: ComplianceLimits
  readonly board: NoticeBoard
  /** The participant's adapter object; one per participant, as an app makes it. */
  providerOf(peer: string): Provider
  request(peer: string, options?: JoinOptions): JoinRequest
  join(peer: string, options?: JoinOptions): Promise<Participant>
  track(source: TrackSource, marker?: number): LocalTrack
  /** Rejects, naming the promise, when the condition stays false for `limitMs` (default `eventMs`). */
  until(promise: string, condition: () => boolean, limitMs?: number): Promise<void>
  /** Waits for as long as nothing more is expected to come. */
  quiet(): Promise<void>
  /** Waits until exactly these sources of a participant are shown. */
  untilShown(at: Participant, peer: string, sources: readonly TrackSource[], limitMs?: number): Promise<void>
  close(): Promise<void>
}

const DEFAULT_LIMITS: ComplianceLimits = {
  connectMs: 10_000,
  eventMs: 5_000,
  crashMs: 15_000,
  unreachableMs: 20_000,
  probeMs: 800,
  quietMs: 300,
}

/** Short against every limit, long against a busy event loop. */
const POLL_INTERVAL_MS = 10

/** Fails a check with the sentence that does not hold. */
export function claim(isTrue: boolean, sentence: string): asserts isTrue {
  if (!isTrue) throw new Error(sentence)
}

/** Opens a fresh room. */
export async function openRoom(setup: ComplianceSetup): Promise<ComplianceRoom> {
  const limits = { ...DEFAULT_LIMITS, ...setup.limits }
  const name = (await setup.room?.()) ?? `compliance-${crypto.randomUUID().slice(0, 8)}`
  const desk = createDesk(setup, name)
  const joined: Connection[] = []
  const until: ComplianceRoom['until'] = (promise, condition, limitMs = limits.eventMs) =>
    untilTrue(promise, condition, limitMs)

  return {
    name,
    setup,
    limits,
    get board() {
      return desk.boardOf(desk.providerOf('nobody'))
    },
    providerOf: desk.providerOf,
    request: desk.request,
    async join(peer, options = {}) {
      const provider = options.provider ?? desk.providerOf(peer)
      const connection = await settled(
        provider.connect(desk.request(peer, options)),
        limits.connectMs,
        `connect() of ${peer} settles`,
      )
      joined.push(connection)
      return observed(peer, provider, connection)
    },
    track: (source, marker = 0) => setup.media.createTrack(source, marker),
    until,
    quiet: () => pause(limits.quietMs),
    untilShown: (at, peer, sources, limitMs) =>
      until(
        `${at.peer} is shown [${namesOf(sources)}] of ${peer}`,
        () => namesOf(at.tracksOf(peer).map(({ source }) => source)) === namesOf(sources),
        limitMs,
      ),
    async close() {
      // An adapter that cannot leave has failed its check already; the next one must not wait for it.
      const leaving = Promise.allSettled(joined.map((connection) => connection.leave()))
      await settled(leaving, limits.connectMs, 'everybody leaves').catch(() => undefined)
      desk.close()
    },
  }
}

/** Rejects with the sentence when the promise neither resolves nor rejects in time. */
export async function settled<Value>(task: Promise<Value>, limitMs: number, sentence: string): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`within ${limitMs} ms: ${sentence}`)), limitMs)
  })
  try {
    return await Promise.race([task, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** What a promise rejected with; throws when it resolved or took longer than the limit. */
export async function rejectionOf(task: Promise<unknown>, limitMs: number, sentence: string): Promise<unknown> {
  let reason: unknown
  const hasRejected = await settled(
    task.then(
      () => false,
      (error: unknown) => {
        reason = error
        return true
      },
    ),
    limitMs,
    sentence,
  )
  claim(hasRejected, `${sentence}, but it resolved`)
  return reason
}

interface Desk extends Pick<ComplianceRoom, 'providerOf' | 'request'> {
  boardOf(provider: Provider): NoticeBoard
  close(): void
}

// Makes what participants join with: adapter objects, sessions, places at the board of each provider.
function createDesk(setup: ComplianceSetup, name: string): Desk {
  // Scoped as the shared document scopes them: one board per provider.
  const boards = new Map<string, NoticeBoard>()
  const providers = new Map<string, Provider>()
  const sessions = new Map<string, string>()
  const boardOf = (provider: Provider): NoticeBoard => {
    const board = boards.get(provider.id) ?? createNoticeBoard(setup.board)
    boards.set(provider.id, board)
    return board
  }
  const providerOf = (peer: string): Provider => {
    const provider = providers.get(peer) ?? setup.provider(peer)
    providers.set(peer, provider)
    return provider
  }
  return {
    boardOf,
    providerOf,
    request(peer, options = {}) {
      const session = options.session ?? sessions.get(peer) ?? crypto.randomUUID()
      sessions.set(peer, session)
      const seat = boardOf(options.provider ?? providerOf(peer)).seat(peer)
      return {
        room: options.room ?? name,
        peer,
        session,
        token: () => setup.token?.(peer) ?? Promise.resolve(undefined),
        tracks: options.tracks ?? [],
        directory: seat.directory,
        channel: seat.channel,
        iceServers: setup.iceServers ?? [],
        signal: options.signal ?? new AbortController().signal,
      }
    },
    close() {
      for (const board of boards.values()) for (const peer of sessions.keys()) board.seat(peer).close()
    },
  }
}

function namesOf(sources: readonly TrackSource[]): string {
  return [...sources].sort().join(', ')
}

async function untilTrue(promise: string, condition: () => boolean, limitMs: number): Promise<void> {
  const deadlineMs = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`within ${limitMs} ms: ${promise}`)
    await pause(POLL_INTERVAL_MS)
  }
}

function observed(peer: string, provider: Provider, connection: Connection): Participant {
  const log: LoggedEvent[] = []
  const names = ['status', 'peer', 'track', 'track-ended', 'data', 'signal'] as const
  for (const name of names)
    connection.on(name, (event) => {
      log.push({ name, event } as LoggedEvent)
    })
  return {
    peer,
    provider,
    connection,
    log,
    tracksOf: (of, source) =>
      [...connection.tracks.values()].filter(
        (track) => track.peer === of && (source === undefined || track.source === source),
      ),
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs))
}
