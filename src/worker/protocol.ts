/**
 * What crosses between page and worker: plain data and one set of methods, nothing else. Every time is the
 * page's clock, because the worker's own starts at another zero. Methods return results and never throw
 * across: an exception would arrive without code and cause.
 */
import type { DeathResult } from '../health/death.js'
import type { PageFacts } from '../health/facts.js'
import type { PeerHeard, PeerSuspicion } from '../health/peer-watch.js'
import type { HealthReport } from '../health/report.js'
import type { RiskReport } from '../health/risk.js'
import type { Score } from '../health/score.js'
import type { OtherSight } from '../health/sight-date.js'
import type { PeerHealth, TimedSignal } from '../health/verdict.js'
import type { Recording } from './recorder.js'

/** One connection in one batch. */
export interface ConnectionSample {
  readonly connectionId: string
  readonly provider: string
  readonly hasServer: boolean
  readonly isCurrent: boolean
  readonly expectsInbound: boolean
  readonly expectsOutbound: boolean
  /** Names for the peer indices inside `values`. */
  readonly peers: readonly string[]
  /** Layout: `health/layout.ts`. Null when the stats could not be read in time. */
  readonly values: Float64Array | null
}

/** What was heard of everybody, and of our own network. */
export interface PeersHeard {
  readonly peers: readonly PeerHeard[]
  /** Newest sign that our own network works, besides the peers; null where nothing tells. */
  readonly ownPathAtMs: number | null
}

/** All connections at one moment; connections that are missing here are forgotten. */
export interface SampleBatch {
  readonly atMs: number
  readonly isOnline: boolean
  readonly connections: readonly ConnectionSample[]
  /** What the page knows beside statistics; absent when it has told it a moment ago. */
  readonly facts?: PageFacts
  /** What was heard of each peer until now; peers that are missing here are forgotten. Absent: nobody looked. */
  readonly heard?: PeersHeard
}

/** How a probe ended; null: the connection cannot be probed. */
export interface ProbeOutcome {
  readonly connectionId: string
  readonly atMs: number
  readonly isAnswered: boolean | null
  /** Absent in recordings: when the engine wanted it. */
  readonly askedAtMs?: number
}

/** How good one connection is to people, by what is sent and what is received; null while unknown. */
export interface ConnectionScore {
  readonly connectionId: string
  readonly up: Score | null
  readonly down: Score | null
}

/** What the health engine has to say after an input. */
export interface HealthOutput extends Omit<DeathResult, 'state'> {
  /** Alerts, overview and statistics; absent or null while there is nothing new, and in the script-tag build. */
  readonly report?: HealthReport | null
  /** How likely outages are, about once a second; absent or null while there is nothing new. */
  readonly risk?: RiskReport | null
  /** Peers whose suspicion changed; absent when nobody was looked at. */
  readonly suspicions?: readonly PeerSuspicion[]
  /** Health by participant id; null while there is nothing new. */
  readonly peers: Readonly<Record<string, PeerHealth>> | null
  /** Scores by connection, about once a second; null while there is nothing new. */
  readonly scores: readonly ConnectionScore[] | null
}

/** The engine's inputs; the same object runs in the worker or on the page. */
export interface HealthEngine {
  ingest(batch: SampleBatch): HealthOutput
  signal(signal: TimedSignal): HealthOutput
  probed(outcome: ProbeOutcome): HealthOutput
  sight(atMs: number, others: readonly OtherSight[]): HealthOutput
}

/** A result that crosses instead of an exception. */
export type WorkerResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string }

/** Calls from the worker to the page. */
export interface PageCallbacks {
  tick(): void
  timer(id: number): void
}

/** Calls from the page to the worker. */
export interface WorkerApi {
  /** Answers at once: tells that the worker runs. */
  ping(): WorkerResult<number>
  /** Begins ticking every `tickMs`. */
  start(callbacks: PageCallbacks, tickMs: number): WorkerResult<null>
  setTickMs(tickMs: number): WorkerResult<null>
  setTimer(id: number, delayMs: number): WorkerResult<null>
  clearTimer(id: number): WorkerResult<null>
  ingest(batch: SampleBatch): WorkerResult<HealthOutput>
  signal(signal: TimedSignal): WorkerResult<HealthOutput>
  probed(outcome: ProbeOutcome): WorkerResult<HealthOutput>
  sight(atMs: number, others: readonly OtherSight[]): WorkerResult<HealthOutput>
  /** The last minutes, for an export. */
  recording(): WorkerResult<Recording | null>
}

/** Version of these types, answered by `ping`; a stale cached worker file is not used. */
export const WORKER_VERSION = 1
