/**
 * Whether the participants can still agree: an incident of its own when every way of the document is closed, or when
 * nobody is heard by any of them although everybody's media comes. Signaling alone that is gone is no incident, because
 * a running call does without, but told: nobody new finds the call.
 */
import { silenceLimitMs } from '../document/beat-pace.js'
import { HoldfastError } from '../errors.js'
import type { BookEntry, IncidentBook } from '../recovery/incident-book.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** Looks at the ways of the document. */
export interface LinkWatch {
  /** What became of the incident at this look; null: nothing. */
  look(reading: Reading, book: IncidentBook): BookEntry | null
}

/** Links come back within two seconds after most changes of a network; then somebody has to see to them. */
const LOST_AFTER_MS = 3_000
/** Five heartbeats; a way that stands and carries nothing is closed by itself after ten seconds and more. */
const UNHEARD_AFTER_MS = 5_000

/** Starts with everything fine. */
export function createLinkWatch(core: CallCore): LinkWatch {
  let goneSinceMs: number | null = null
  let incidentId: string | null = null
  const tellSignaling = signalingTeller(core)
  return {
    look(reading, book) {
      const { now, agreed } = reading
      const { links } = core.document
      tellSignaling(now, links)
      const isSilent = isUnheard(reading, core.wokeAtMs)
      const isUp = !isSilent && links.some(({ state }) => state === 'connected')
      // Offline is another incident, and a call that has none of its own ways is not joined.
      if (isUp || links.length === 0 || !core.network.isOnline) {
        goneSinceMs = null
        const id = incidentId
        incidentId = null
        return id === null ? null : book.end(id)
      }
      if (goneSinceMs === null) lookLater(core)
      goneSinceMs ??= now
      // Silence was waited for already.
      if (incidentId !== null || (!isSilent && now - goneSinceMs < LOST_AFTER_MS)) return null
      const entry = book.see({
        kind: 'control-plane-loss',
        provider: agreed ?? '',
        severity: 'high',
        blame: 'path',
        culprit: 'my-network',
        confidence: 0.6,
        evidence: [isSilent ? 'nobody-is-heard' : 'every-link-closed'],
        about: { type: 'me', id: '', media: null },
        alerts: [],
        value: null,
        sinceMs: goneSinceMs,
      })
      incidentId = entry?.incident.id ?? null
      return entry
    },
  }
}

/** Who is alone with a wrong address would take the silence for success. */
function signalingTeller(core: CallCore): (now: number, links: CallCore['document']['links']) => void {
  let goneSinceMs: number | null = null
  let isTold = false
  return (now, links) => {
    const isThere = links.every(({ kind, state }) => kind !== 'signaling' || state === 'connected')
    if (!core.network.isOnline || isThere) {
      goneSinceMs = null
      isTold = false
      return
    }
    if (goneSinceMs === null) lookLater(core)
    goneSinceMs ??= now
    if (isTold || now - goneSinceMs < LOST_AFTER_MS) return
    isTold = true
    core.events.emit('warning', new HoldfastError('signaling-unreachable'))
  }
}

/** In a call of one nothing else may happen that would make anybody look. */
function lookLater({ clock, requestRefresh }: CallCore): void {
  clock.after(LOST_AFTER_MS, () => requestRefresh())
}

/** Their media says that the others are there: what is lost is the way of the document. */
function isUnheard({ now, participants, expected, isFlowing }: Reading, wokeAtMs: number): boolean {
  const voices = [...participants.values()].filter(({ presence }) => presence.page !== 'frozen')
  if (!isFlowing || expected.size === 0 || voices.length === 0) return false
  return voices.every(
    ({ presence }) => now - Math.max(presence.heardAtMs, wokeAtMs) > silenceLimitMs(UNHEARD_AFTER_MS, presence),
  )
}
