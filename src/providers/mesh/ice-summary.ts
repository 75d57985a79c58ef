/**
 * What the ICE states of many links say of the mesh as one connection. The path from here is broken only where no link
 * has it: one participant whose page crashed must not look like the loss of one's own network.
 */

/** Keeps the last telling state of each link. */
export interface IceSummary {
  /** Returns the state of the whole when it changed, else null. */
  set(link: string, state: RTCPeerConnectionState): RTCPeerConnectionState | null
  /** The participant is gone, and so is its trouble. */
  forget(link: string): RTCPeerConnectionState | null
}

/** Makes it, with nobody to reach and nothing wrong. */
export function createIceSummary(): IceSummary {
  const links = new Map<string, RTCPeerConnectionState>()
  let told: RTCPeerConnectionState = 'connected'
  const tell = (): RTCPeerConnectionState | null => {
    const state = summaryOf([...links.values()])
    if (state === told) return null
    told = state
    return state
  }
  return {
    set(link, state) {
      // A fresh attempt at a broken link is no news of the path until it comes up.
      if (!TELLING.includes(state)) return null
      links.set(link, state)
      return tell()
    },
    forget: (link) => (links.delete(link) ? tell() : null),
  }
}

const TELLING: readonly RTCPeerConnectionState[] = ['connected', 'disconnected', 'failed']

function summaryOf(states: readonly RTCPeerConnectionState[]): RTCPeerConnectionState {
  if (states.length === 0 || states.includes('connected')) return 'connected'
  return states.includes('disconnected') ? 'disconnected' : 'failed'
}
