/**
 * The browser or the system silenced what nobody muted: a track of ours (another app took the device, the lid is
 * closed), or all sound of the page until the person makes a gesture.
 */
import { aboutMe } from '../alert.js'
import { type Detector, evidence, noteSince } from './detector.js'

/** See the module comment. */
export const mutedByBrowser: Detector = {
  kind: 'muted-by-browser',
  unit: 'ms',
  direction: 'above',
  // Tracks are muted for a moment while a device opens.
  limit: { low: null, medium: 1_500, high: 10_000, critical: null, raiseAfterMs: 0, clearAfterMs: 500 },
  detect(memory, { atMs, facts }) {
    const silenced = facts.local.filter((one) => one.isSilenced && !one.isEnded && !one.isMuted)
    const keys = [...silenced.map(({ source }) => source), ...(facts.isSoundBlocked ? ['page'] : [])]
    const since = noteSince(memory, keys, atMs)
    return {
      memory: since,
      findings: keys.map((key) => {
        const lastsMs = atMs - (since[key] ?? atMs)
        return {
          about: aboutMe(silenced.find(({ source }) => source === key)?.kind ?? null),
          connectionId: null,
          value: lastsMs,
          evidence: evidence(['lastsMs', lastsMs, 'ms']),
        }
      }),
    }
  },
}
