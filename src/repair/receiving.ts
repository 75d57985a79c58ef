/** Repairs of what is received of others: a key frame, or the whole subscription anew. */
import { ask } from './asks.js'
import { DONE, type Hand, refuse } from './hand.js'
import { release } from './resync.js'

/** Asks the adapter, and the other page, because behind a server only the sender can make a key frame. */
export const keyFrame: Hand = {
  async act({ world, live, target: { peer } }) {
    if (peer === null) return refuse('nobody-named')
    const pictures = [...live.connection.tracks.values()].filter(
      (track) => track.peer === peer && track.track.kind === 'video',
    )
    if (pictures.length === 0) return refuse('nobody-received')
    for (const { id, source } of pictures) {
      // An adapter that takes only sources of ours knows no such id, which is no error.
      void live.connection.requestKeyFrame?.(id).catch(() => undefined)
      if (source === 'camera' || source === 'screen')
        ask(world, peer, { v: 1, type: 'key-frame', provider: live.provider, source })
    }
    return { freshness: 'key-frame' }
  },
}

/** Receives one participant anew, or one after the other where nobody is named. */
export const resubscribe: Hand = {
  async act({ live, target, signal }) {
    const { connection } = live
    if (connection.resubscribe === undefined) return refuse('no-resubscription')
    const peers = target.peer === null ? [...connection.peers] : [target.peer]
    // A server may give the same receiver again, and with it what its buffers were told.
    await release({ live, target })
    for (const peer of peers) if (!signal.aborted) await connection.resubscribe(peer)
    return peers.length === 0 ? DONE : { freshness: 'renewed' }
  },
}
