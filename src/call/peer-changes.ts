/** Who came and who went, told once each: events, timeline, and the end of the stream of those who went. */
import type { CallCore } from './core.js'
import type { Participant } from './participants.js'
import type { Reading } from './reading.js'

/** The watcher. */
export interface PeerChanges {
  refresh(reading: Reading): void
}

/** Makes a watcher that has seen nobody yet. */
export function createPeerChanges(core: CallCore): PeerChanges {
  const known = new Map<string, Participant>()
  return {
    refresh(reading) {
      for (const participant of reading.participants.values()) {
        const { id, name } = participant
        const before = known.get(id)
        known.set(id, participant)
        if (before === undefined) {
          showTracks(core, id)
          core.timeline.add('peer', `${name} joined.`)
          core.events.emit('peer-joined', { peer: id })
        } else tellChange(core, before, participant)
      }
      for (const [id, { name }] of [...known]) {
        if (reading.participants.has(id)) continue
        known.delete(id)
        core.shownOn.delete(id)
        core.peerHealth.delete(id)
        core.remote.removePeer(id)
        const isClean = hasLeft(core, id)
        core.timeline.add('peer', isClean ? `${name} left.` : `${name} is gone.`)
        core.events.emit('peer-left', { peer: id, isClean })
      }
    },
  }
}

function tellChange(core: CallCore, before: Participant, after: Participant): void {
  const { id, name, isAway, isSuspect, silentForMs, presence } = after
  const doubt = { peer: id, silentForMs: Math.round(silentForMs) }
  if (isAway && !before.isAway) {
    core.timeline.add(
      'peer',
      presence.page === 'frozen' ? `${name}'s tab is asleep.` : `${name} is not answering.`,
    )
    core.events.emit('peer-stale', doubt)
  } else if (isSuspect && !before.isSuspect && !before.isAway) core.events.emit('peer-suspect', doubt)
  else if (!isAway && before.isAway) core.timeline.add('peer', `${name} is back.`)
  if (!isAway && !isSuspect && (before.isAway || before.isSuspect)) core.events.emit('peer-back', { peer: id })
}

/** Somebody who was taken for gone may come back on connections that still carry the same tracks. */
function showTracks(core: CallCore, peer: string): void {
  for (const entry of core.pool.entries())
    for (const track of entry.connection?.tracks.values() ?? [])
      if (track.peer === peer) core.remote.addTrack(entry.id, track)
}

function hasLeft(core: CallCore, participant: string): boolean {
  const pages = [...core.document.presence().values()].filter((one) => one.participant === participant)
  return pages.some((one) => one.hasLeft)
}
