/** My own network is gone: the browser says so, or the verdict on the path to a live provider does. */
import { aboutMe } from '../alert.js'
import type { ConnectionView, Scene } from '../scene.js'
import { type Detector, evidence, type Finding, noteSince } from './detector.js'

/** See the module comment. */
export const networkDisconnect: Detector = {
  kind: 'network-disconnect',
  unit: 'ms',
  direction: 'above',
  // The verdict has waited already; being offline is certain.
  limit: { low: null, medium: null, high: 0, critical: 5_000, raiseAfterMs: 0, clearAfterMs: 1_000 },
  detect(memory, scene) {
    const keys = [
      ...(scene.isOnline ? [] : ['offline']),
      ...scene.connections.filter(isCut).map((one) => one.connectionId),
    ]
    const since = noteSince(memory, keys, scene.atMs)
    if (keys.length === 0) return { memory: since, findings: [] }
    const lastsMs = Math.max(...keys.map((key) => scene.atMs - (since[key] ?? scene.atMs)))
    return { memory: since, findings: [findingOf(scene, lastsMs)] }
  },
}

function isCut({ isCurrent, verdict }: ConnectionView): boolean {
  return isCurrent && verdict?.state === 'dead' && verdict.blame === 'path'
}

function findingOf({ isOnline, connections }: Scene, value: number): Finding {
  const silentMs = connections.find(isCut)?.verdict?.silentForMs ?? Number.NaN
  return {
    about: aboutMe(),
    connectionId: null,
    value,
    evidence: evidence(
      ['isOnline', isOnline ? 1 : 0, 'count'],
      ['silentMs', silentMs, 'ms'],
      ['lastsMs', value, 'ms'],
    ),
  }
}
