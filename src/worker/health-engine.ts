/**
 * The health functions behind one object with memory. It has no timers and no clock of its own, so it runs
 * the same in the worker and, where no worker can start, on the page.
 */
import { type DeathInput, INITIAL_DEATH_STATE, observe } from '../health/death.js'
import { type Sample, unpackSample } from '../health/layout.js'
import { peerHealth } from '../health/score.js'
import type { PeerHealth } from '../health/verdict.js'
import type { ConnectionSample, HealthEngine, HealthOutput, SampleBatch } from './protocol.js'

/** Rates over less than this jump around. */
const RATE_WINDOW_MS = 900

interface Rated {
  readonly base: Sample
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
    rated.set(one.connectionId, { base: sample, peers: rate(one, before?.base ?? null, sample) })
    hasNews ||= before !== undefined
  })
  if (!hasNews) return null
  const ordered = [...batch.connections].sort((a, b) => Number(a.isCurrent) - Number(b.isCurrent))
  return Object.assign({}, ...ordered.map((one) => rated.get(one.connectionId)?.peers ?? {}))
}

function rate(one: ConnectionSample, before: Sample | null, after: Sample): Record<string, PeerHealth> {
  return Object.fromEntries(one.peers.map((peer, index) => [peer, peerHealth(before, after, index)]))
}
