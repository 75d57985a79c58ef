/**
 * The health functions behind one object with memory. It has no timers and no clock of its own, so it runs
 * the same in the worker and, where no worker can start, on the page; and its memory is plain data, so a recording
 * of what it was told replays to the same words.
 */
import { type DeathInput, type DeathState, INITIAL_DEATH_STATE, observe, TICK_MS } from '../health/death.js'
import type { DiagnosisState } from '../health/diagnosis.js'
import type { Sample } from '../health/layout.js'
import { unpackSample } from '../health/pack.js'
import { INITIAL_PEERS_STATE, observePeers, type PeersState } from '../health/peer-watch.js'
import { type Rating, rateSample } from '../health/rating.js'
import type { RiskState } from '../health/risk.js'
import { hasThinned } from '../health/thinned.js'
import type { PeerHealth } from '../health/verdict.js'
import { newest } from '../health/watch.js'
import { assessBatch } from './assess-batch.js'
import { diagnoseBatch, mutesIn } from './diagnose-batch.js'
import type { ConnectionSample, HealthEngine, HealthOutput, SampleBatch } from './protocol.js'

/** Everything that an engine remembers; plain data. */
export interface EngineState {
  readonly death: DeathState
  readonly peers: PeersState
  /** How soon the peers want the next look. */
  readonly nextLookMs: number
  /** By connection. */
  readonly ratings: Readonly<Record<string, Rating>>
  /** Of the detectors; null where they are left out, or before the first batch. */
  readonly diagnosis: DiagnosisState | null
  /** Null where nothing is foretold, or before the first rated second. */
  readonly risk: RiskState | null
}

/** An engine that can be asked for its memory. */
export interface StatefulEngine extends HealthEngine {
  readonly state: EngineState
}

/** Before anything was told. */
export const INITIAL_ENGINE_STATE: EngineState = {
  death: INITIAL_DEATH_STATE,
  peers: INITIAL_PEERS_STATE,
  // Not infinite: the state is written down as JSON.
  nextLookMs: TICK_MS,
  ratings: {},
  diagnosis: null,
  risk: null,
}

/** Rates over less than this jump around. */
const RATE_WINDOW_MS = 900

/** Makes an engine, new or with the memory of another one. */
export function createHealthEngine(start: EngineState = INITIAL_ENGINE_STATE): StatefulEngine {
  let engine = start

  const feed = (input: DeathInput, rated: Rated | null): HealthOutput => {
    const { state, ...rest } = observe(engine.death, input)
    engine = { ...engine, death: state, ratings: rated?.ratings ?? engine.ratings }
    const nextTickMs = Math.min(rest.nextTickMs, engine.nextLookMs)
    return { ...rest, nextTickMs, peers: rated?.peers ?? null, scores: rated?.scores ?? null }
  }

  const listen = ({ atMs, isOnline, heard }: SampleBatch): HealthOutput['suspicions'] | null => {
    if (heard === undefined) return null
    const ownPathAtMs = newest(heard.ownPathAtMs, serversHeardAt(engine.death))
    const { state, changes, nextLookMs } = observePeers(engine.peers, {
      ...{ atMs, isOnline, ownPathAtMs },
      peers: heard.peers,
    })
    engine = { ...engine, peers: state, nextLookMs: Math.min(TICK_MS, nextLookMs) }
    return changes
  }

  return {
    get state() {
      return engine
    },
    ingest(batch) {
      const samples = batch.connections.map((one) => (one.values ? unpackSample(one.values) : null))
      const rated = rateAll(engine, batch, samples)
      const connections = batch.connections.map((one, index) => ({ ...one, sample: samples[index] ?? null }))
      const suspicions = listen(batch)
      const output = feed({ type: 'tick', atMs: batch.atMs, isOnline: batch.isOnline, connections }, rated)
      const found = diagnoseBatch(engine.diagnosis, batch, samples, engine.death)
      const assessed = assessBatch(engine.risk, batch, rated.ratings, engine.death)
      const wantsStats = output.wantsStats || hasThinned(engine.diagnosis, found.state)
      engine = { ...engine, diagnosis: found.state, risk: assessed.state }
      return {
        ...output,
        wantsStats,
        report: found.report,
        risk: assessed.report,
        ...(suspicions ? { suspicions } : {}),
      }
    },
    signal: (signal) => feed({ type: 'signal', signal }, null),
    probed: (outcome) => feed({ type: 'probe', ...outcome }, null),
    sight: (atMs, others) => feed({ type: 'sight', atMs, others }, null),
  }
}

/** When anything last came from a server of media: then it is not our network that is silent. */
function serversHeardAt({ watches }: DeathState): number | null {
  let atMs: number | null = null
  for (const { connection, transportAtMs, acknowledgedAtMs } of Object.values(watches))
    if (connection.hasServer) atMs = newest(atMs, newest(transportAtMs, acknowledgedAtMs))
  return atMs
}

interface Rated extends Pick<HealthOutput, 'peers' | 'scores'> {
  readonly ratings: Readonly<Record<string, Rating>>
}

/** Health of all peers when a connection has a full window of news. */
function rateAll(
  { ratings: known, diagnosis }: EngineState,
  batch: SampleBatch,
  samples: readonly (Sample | null)[],
): Rated {
  const ratings: Record<string, Rating> = {}
  let hasNews = false
  batch.connections.forEach((one, index) => {
    const before = known[one.connectionId]
    if (before) ratings[one.connectionId] = before
    const sample = samples[index]
    if (!sample?.isFull || (before && sample.atMs - before.atMs < RATE_WINDOW_MS)) return
    const rating = rateSample(before, sample, one.peers, mutesIn(diagnosis, batch))
    if (!rating) return
    ratings[one.connectionId] = rating
    // A connection that has just become the current one may have to say that nothing is known any more.
    hasNews ||= before !== undefined || one.isCurrent
  })
  if (!hasNews) return { ratings, peers: null, scores: null }
  const scores = Object.entries(ratings).map(([connectionId, { up, down }]) => ({ connectionId, up, down }))
  return { ratings, peers: mergedPeers(batch.connections, ratings), scores }
}

/** The current connection's word counts, except where it knows nothing or the other's picture moves and its own not. */
function mergedPeers(
  connections: readonly ConnectionSample[],
  ratings: Readonly<Record<string, Rating>>,
): Readonly<Record<string, PeerHealth>> {
  const merged: Record<string, PeerHealth> = {}
  for (const one of [...connections].sort((a, b) => Number(a.isCurrent) - Number(b.isCurrent)))
    for (const [peer, health] of Object.entries(ratings[one.connectionId]?.peers ?? {}))
      if (!isBetter(merged[peer], health)) merged[peer] = health
  return merged
}

/**
 * Until the new connection is rated the old one's word stands, unless what stood still was the reason to go; and
 * who has gone ahead to the new one is not judged by the silence that he left on the old.
 */
function isBetter(other: PeerHealth | undefined, current: PeerHealth): boolean {
  if (other === undefined || other.fps === 0) return false
  return current.score === null || (current.fps === 0 && (other.fps ?? 0) > 0)
}
