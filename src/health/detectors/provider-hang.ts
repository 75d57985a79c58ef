/**
 * A provider that is there and does nothing: its socket stands open, but it leaves probes unanswered and passes no
 * media on. Shows as soon as a probe is unanswered, and is critical once the verdict is certain.
 */
import type { ConnectionView } from '../scene.js'
import { type Detector, evidence, type Finding, noteSince } from './detector.js'

/** A verdict of death counts as a hang of this length: it has two witnesses. */
const DEAD_MS = 10_000

/** See the module comment. */
export const providerHang: Detector = {
  kind: 'provider-hang',
  unit: 'ms',
  direction: 'above',
  // A probe waits for half a second before it counts as unanswered.
  limit: { low: null, medium: 0, high: 2_000, critical: DEAD_MS, raiseAfterMs: 200, clearAfterMs: 1_000 },
  detect(memory, { atMs, connections }) {
    const hanging = connections.filter(isHanging)
    const since = noteSince(
      memory,
      hanging.map(({ connectionId }) => connectionId),
      atMs,
    )
    return {
      memory: since,
      findings: hanging.map(({ connectionId, provider, verdict }): Finding => {
        const lastsMs = atMs - (since[connectionId] ?? atMs)
        return {
          about: { type: 'provider', id: provider, media: null },
          connectionId: null,
          value: lastsMs + (verdict?.state === 'dead' ? DEAD_MS : 0),
          evidence: evidence(
            ['lastsMs', lastsMs, 'ms'],
            ['silentMs', verdict?.silentForMs ?? Number.NaN, 'ms'],
          ),
        }
      }),
    }
  },
}

function isHanging({ hasServer, verdict }: ConnectionView): boolean {
  if (!hasServer || verdict === null) return false
  const isOpen = !verdict.evidence.includes('socket-closed')
  const isUnanswered = verdict.evidence.includes('probe-timeout')
  if (verdict.state === 'suspect') return isOpen && isUnanswered
  return verdict.state === 'dead' && verdict.blame === 'provider' && isOpen
}
