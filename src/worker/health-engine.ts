/**
 * The health functions behind one object with memory. It has no timers and no clock of its own, so it runs
 * the same in the worker and, where no worker can start, on the page.
 */
import { type DeathInput, INITIAL_DEATH_STATE, observe } from '../health/death.js'
import type { Sample } from '../health/layout.js'
import { unpackSample } from '../health/pack.js'
import { type FirstAnswers, noteFirstAnswers, peerHealth } from '../health/score.js'
import type { PeerHealth } from '../health/verdict.js'
import type { ConnectionSample, HealthEngine, HealthOutput, SampleBatch } from './protocol.js'

/** Rates over less than this jump around. */
const RATE_WINDOW_MS = 900

interface Rated {
  readonly base: Sample
  readonly first: FirstAnswers
  readonly peers: Readonly<Record<string, PeerHealth>>
}

/** Makes an engine. */
export function createHealthEngine(): HealthEngine {
  let death = INITIAL_DEATH_STATE
  const rated = new Map<string, Rated>()

  const feed = (input: DeathInput, peers: HealthOutput['peers'] = null): HealthOutput => {
    const { state, ...rest } = observe(death, input)
    death = state
    return { ...rest, peers }
  }

  return {
    ingest(batch) {
      const samples = batch.connections.map((one) => (one.values ? unpackSample(one.values) : null))
      const peers = rateAll(rated, batch, samples)
      const connections = batch.connections.map((one, index) => ({ ...one, sample: samples[index] ?? null }))
      return feed({ type: 'tick', atMs: batch.atMs, isOnline: batch.isOnline, connections }, peers)
    },
    signal: (signal) => feed({ type: 'signal', signal }),
    probed: (outcome) => feed({ type: 'probe', ...outcome }),
    sight: (atMs, others) => feed({ type: 'sight', atMs, others }),
  }
}

/** Health of all peers when a connection has a full window of news; the current connection wins. */
function rateAll(
  rated: Map<string, Rated>,
  batch: SampleBatch,
  samples: readonly (Sample | null)[],
): HealthOutput['peers'] {
  for (const known of [...rated.keys()])
    if (!batch.connections.some((one) => one.connectionId === known)) rated.delete(known)
  let hasNews = false
  batch.connections.forEach((one, index) => {
    const sample = samples[index]
    if (!sample?.isFull) return
    const before = rated.get(one.connectionId)
    if (before && sample.atMs - before.base.atMs < RATE_WINDOW_MS) return
    rated.set(one.connectionId, rate(one, before, sample))
    // A connection that has just become the current one may have to say that nothing is known any more.
    hasNews ||= before !== undefined || one.isCurrent
  })
  if (!hasNews) return null
  const merged: Record<string, PeerHealth> = {}
  for (const one of [...batch.connections].sort((a, b) => Number(a.isCurrent) - Number(b.isCurrent)))
    for (const [peer, health] of Object.entries(rated.get(one.connectionId)?.peers ?? {}))
      if (health.score !== null || !isStillGood(merged[peer])) merged[peer] = health
  return merged
}

/** Until the new connection is rated the old one's word stands, unless what stood still was the reason to go. */
function isStillGood(health: PeerHealth | undefined): boolean {
  return health !== undefined && health.fps !== 0
}

function rate(one: ConnectionSample, before: Rated | undefined, sample: Sample): Rated {
  const first = noteFirstAnswers(before?.first ?? {}, sample)
  const rateOne = (peer: string, index: number): [string, PeerHealth] => [
    peer,
    peerHealth(before?.base ?? null, sample, index, first),
  ]
  return { base: sample, first, peers: Object.fromEntries(one.peers.map(rateOne)) }
}
