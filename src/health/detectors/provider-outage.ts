/** A provider died: the verdict of death detection, or its adapter gave up for a reason of the provider. */
import type { ConnectionVerdict } from '../verdict.js'
import { type Detector, evidence, type Finding, noteSince } from './detector.js'

const REASONS: ReadonlySet<string | null> = new Set(['server', 'room-ended'])

/** Dead with an open socket is a hang (`provider-hang.ts`). */
function isOutage(verdict: ConnectionVerdict | null): boolean {
  return verdict?.state === 'dead' && verdict.blame === 'provider' && verdict.evidence.includes('socket-closed')
}

/** See the module comment. */
export const providerOutage: Detector = {
  kind: 'provider-outage',
  unit: 'ms',
  direction: 'above',
  // The verdict has two witnesses already.
  limit: { low: null, medium: null, high: null, critical: 0, raiseAfterMs: 0, clearAfterMs: 1_000 },
  detect(memory, { atMs, connections, facts }) {
    const dead = connections.filter(({ verdict }) => isOutage(verdict))
    const ended = facts.connections.filter(({ state, reason }) => state === 'failed' && REASONS.has(reason))
    const providers = [...new Set([...dead, ...ended].map(({ provider }) => provider))]
    const since = noteSince(memory, providers, atMs)
    return {
      memory: since,
      findings: providers.map((id): Finding => {
        const silentMs = dead.find(({ provider }) => provider === id)?.verdict?.silentForMs ?? Number.NaN
        const lastsMs = atMs - (since[id] ?? atMs)
        return {
          about: { type: 'provider', id, media: null },
          connectionId: null,
          value: lastsMs,
          evidence: evidence(['lastsMs', lastsMs, 'ms'], ['silentMs', silentMs, 'ms']),
        }
      }),
    }
  },
}
