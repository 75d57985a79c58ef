/** The browser moved media to another network path, as from Wi-Fi to cellular. A note, with the new round trip. */
import { aboutMe, aboutPeer } from '../alert.js'
import { type Detector, evidence, type Finding } from './detector.js'
import { isSettled } from './settled.js'

/** A change is told for this long; path by path the browser settles within seconds after connecting. */
const NEWS_MS = 5_000

/** See the module comment. */
export const pathChange: Detector = {
  kind: 'path-change',
  unit: 'ms',
  direction: 'above',
  limit: { low: 0, medium: null, high: null, critical: null, raiseAfterMs: 0, clearAfterMs: 0 },
  detect(memory, { atMs, paths }) {
    const changed: Record<string, number> = {}
    const findings: Finding[] = []
    for (const path of paths) {
      const key = `${path.connectionId}/${path.pc}`
      const since = path.hasChangedPair && isSettled(path) ? atMs : memory[key]
      if (since === undefined || atMs - since > NEWS_MS) continue
      changed[key] = since
      findings.push({
        about: path.peer === null ? aboutMe() : aboutPeer(path.peer),
        connectionId: path.connectionId,
        value: atMs - since,
        evidence: evidence(['sinceChangeMs', atMs - since, 'ms'], ['rttMs', path.rttMs, 'ms']),
      })
    }
    return { memory: changed, findings }
  },
}
