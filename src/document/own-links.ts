/** The built-in ways of the document as links: the mesh of data channels, and the relay over the signaling servers. */
import type { Link } from './link.js'
import type { PresenceBoard } from './presence-board.js'
import type { RelayLink } from './relay-link.js'
import type { RoomBus } from './room-bus.js'
import type { WebrtcLink } from './y-webrtc.js'

/** y-webrtc's data channels; only those count that have answered a probe lately. */
export function meshLink(mesh: WebrtcLink, board: PresenceBoard): Link {
  return {
    get reached() {
      return mesh.linked
    },
    snapshot() {
      const { linked } = mesh
      const paths = linked.flatMap((id) =>
        board.participantsOf(id).map((peer) => ({ peer, state: 'live' as const, rttMs: mesh.rttMs(id) })),
      )
      return {
        kind: 'webrtc',
        state: linked.length > 0 ? 'connected' : 'connecting',
        peers: paths.map(({ peer }) => peer),
        paths,
        queuedBytes: mesh.queuedBytes(),
      }
    },
    sweep: () => mesh.sweep(board.rtcIds()),
    close: mesh.close,
  }
}

/** The relay; whom it reaches does not count as reached, because it is there for those whom nothing else reaches. */
export function signalingLink(relay: RelayLink, bus: RoomBus, board: PresenceBoard): Link {
  return {
    get isSyncing() {
      return relay.isSyncing
    },
    snapshot() {
      const pages = [...relay.pages].filter(([, page]) => page.hasSynced).map(([id]) => id)
      return {
        kind: 'signaling',
        state: bus.isOpen ? 'connected' : 'connecting',
        peers: bus.isOpen ? pages.flatMap((id) => board.participantsOf(id)) : [],
        paths: relay.ways.paths,
      }
    },
    resync: relay.resync,
    flush: relay.flush,
    sweep: relay.sweep,
    close: relay.close,
  }
}
