/**
 * "Cut this tab": as much of a pulled network plug as a page can do to itself, by wrapping the constructors
 * before anything uses them. While cut:
 * - sockets fall silent in both directions and hold what was sent, as TCP does; new ones fail;
 * - requests in flight are aborted and new ones fail;
 * - peer connections are closed, because a page cannot silence one; new ones gather no candidates;
 * - messages to other tabs of this browser are dropped, so that they learn nothing either.
 * After the cut, held socket data flows on; closed peer connections stay closed, so the call has to repair.
 */

/** The switch, and a `fetch` that ignores it (for the demo's own control buttons). */
export interface NetworkCut {
  readonly isCut: boolean
  setCut(isCut: boolean): void
  /** Calls back after each change; call the result to stop. */
  subscribe(listener: () => void): () => void
  readonly uncutFetch: typeof fetch
}

interface Wire {
  isCut: boolean
  aborter: AbortController
  readonly peers: Set<RTCPeerConnection>
  readonly onChange: Set<() => void>
}

/** Wraps the page's network constructors; call it once, before any library is used. */
export function installNetworkCut(): NetworkCut {
  const wire: Wire = { isCut: false, aborter: new AbortController(), peers: new Set(), onChange: new Set() }
  const uncutFetch = globalThis.fetch.bind(globalThis)
  globalThis.WebSocket = cuttableWebSocket(wire)
  globalThis.RTCPeerConnection = cuttablePeerConnection(wire)
  globalThis.BroadcastChannel = cuttableBroadcastChannel(wire)
  globalThis.fetch = (input, init) => {
    if (wire.isCut) return Promise.reject(new TypeError('This tab is cut from the network.'))
    const signals = [wire.aborter.signal, ...(init?.signal ? [init.signal] : [])]
    return uncutFetch(input, { ...init, signal: AbortSignal.any(signals) })
  }
  return {
    get isCut() {
      return wire.isCut
    },
    setCut(isCut) {
      if (isCut === wire.isCut) return
      wire.isCut = isCut
      if (isCut) {
        wire.aborter.abort(new TypeError('This tab is cut from the network.'))
        for (const pc of [...wire.peers]) closeAudibly(pc)
      } else wire.aborter = new AbortController()
      for (const listener of [...wire.onChange]) listener()
    },
    subscribe(listener) {
      wire.onChange.add(listener)
      return () => {
        wire.onChange.delete(listener)
      }
    },
    uncutFetch,
  }
}

/** A page that closes a peer connection itself gets no events; a lost network would have fired them. */
function closeAudibly(pc: RTCPeerConnection): void {
  pc.close()
  pc.dispatchEvent(new Event('iceconnectionstatechange'))
  pc.dispatchEvent(new Event('connectionstatechange'))
}

function cuttableWebSocket(wire: Wire): typeof WebSocket {
  return class extends WebSocket {
    #held: Parameters<WebSocket['send']>[0][] = []
    #arrived: MessageEvent[] = []

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      if (wire.isCut) this.close()
      // The first listener of all, so it can keep the event from every later one.
      this.addEventListener('message', (event) => {
        if (!wire.isCut) return
        event.stopImmediatePropagation()
        this.#arrived.push(event)
      })
      const onChange = (): void => {
        if (!wire.isCut) this.#flush()
      }
      wire.onChange.add(onChange)
      this.addEventListener('close', () => wire.onChange.delete(onChange))
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (wire.isCut) this.#held.push(data)
      else super.send(data)
    }

    #flush(): void {
      const [held, arrived] = [this.#held, this.#arrived]
      this.#held = []
      this.#arrived = []
      if (this.readyState !== WebSocket.OPEN) return
      for (const { data, origin } of arrived) this.dispatchEvent(new MessageEvent('message', { data, origin }))
      for (const data of held) super.send(data)
    }
  }
}

function cuttablePeerConnection(wire: Wire): typeof RTCPeerConnection {
  return class extends RTCPeerConnection {
    constructor(configuration: RTCConfiguration = {}) {
      // Relays only, and none given: no candidate is ever found.
      super(wire.isCut ? { ...configuration, iceServers: [], iceTransportPolicy: 'relay' } : configuration)
      wire.peers.add(this)
    }

    override close(): void {
      wire.peers.delete(this)
      super.close()
    }
  }
}

function cuttableBroadcastChannel(wire: Wire): typeof BroadcastChannel {
  return class extends BroadcastChannel {
    constructor(name: string) {
      super(name)
      this.addEventListener('message', (event) => {
        if (wire.isCut) event.stopImmediatePropagation()
      })
    }

    override postMessage(message: unknown): void {
      if (!wire.isCut) super.postMessage(message)
    }
  }
}
