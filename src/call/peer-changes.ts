/** Who came and who went, told once each: events, timeline, and the end of the stream of those who went. */
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** The watcher. */
export interface PeerChanges {
  refresh(reading: Reading): void
}

/** Makes a watcher that has seen nobody yet. */
export function createPeerChanges(core: CallCore): PeerChanges {
  const known = new Map<string, { readonly name: string; readonly isAway: boolean }>()
  return {
    refresh(reading) {
      for (const { id, name, isAway } of reading.participants.values()) {
        const before = known.get(id)
        known.set(id, { name, isAway })
        if (before === undefined) {
          showTracks(core, id)
          core.timeline.add('peer', `${name} joined.`)
          core.events.emit('peer-joined', { peer: id })
        } else if (before.isAway !== isAway) {
          core.timeline.add('peer', isAway ? `${name} is not answering.` : `${name} is back.`)
        }
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
