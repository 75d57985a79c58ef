/**
 * The page's own wires, wrapped once so that they can fall silent: sockets, data channels, requests, messages
 * between tabs, peer connections. While silent, what is sent is lost and what arrives is not heard; nothing
 * closes, as with a network that is gone.
 */

/** Which wires are silent now. `control`: those of the shared document; `all`: of everything, media too. */
export type Silence = 'none' | 'control' | 'all'

/** The wrapped wires of a page. */
export interface Wires {
  silence: Silence
  /** Closes every peer connection as a lost network would in the end: with the events that an app waits for. */
  cutMedia(): void
  /** Puts the page's own constructors back; wires that were made meanwhile stay usable. */
  close(): void
}

/** What has to be told apart. */
export interface WireOwners {
  /** Whether a socket belongs to the shared document. */
  readonly isControlSocket: (url: string, protocols: string | string[] | undefined) => boolean
  /** Whether a peer connection carries a provider's media. */
  readonly isMedia: (pc: RTCPeerConnection) => boolean
  /** A new sender or receiver, before anybody else has it; may come again. */
  readonly onHalf: (half: RTCRtpReceiver | RTCRtpSender) => void
}

interface Panel {
  silence: Silence
  readonly owners: WireOwners
  readonly peers: Set<RTCPeerConnection>
}

/** Wraps the page's constructors. */
export function wrapWires(owners: WireOwners): Wires {
  const panel: Panel = { silence: 'none', owners, peers: new Set() }
  const originals = {
    WebSocket: globalThis.WebSocket,
    RTCPeerConnection: globalThis.RTCPeerConnection,
    BroadcastChannel: globalThis.BroadcastChannel,
    fetch: globalThis.fetch,
  }
  if (originals.WebSocket) globalThis.WebSocket = silenceable(panel, originals.WebSocket)
  if (originals.RTCPeerConnection) globalThis.RTCPeerConnection = observed(panel, originals.RTCPeerConnection)
  if (originals.BroadcastChannel) globalThis.BroadcastChannel = muffled(panel, originals.BroadcastChannel)
  const request = originals.fetch?.bind(globalThis)
  if (request)
    globalThis.fetch = (input, init) =>
      panel.silence === 'all'
        ? Promise.reject(new TypeError('The network of this page is gone.'))
        : request(input, init)
  return {
    get silence() {
      return panel.silence
    },
    set silence(silence) {
      panel.silence = silence
    },
    cutMedia() {
      for (const pc of [...panel.peers]) {
        pc.close()
        // A page that closes a connection itself gets no events; a lost network would have fired them.
        pc.dispatchEvent(new Event('iceconnectionstatechange'))
        pc.dispatchEvent(new Event('connectionstatechange'))
      }
    },
    close() {
      panel.silence = 'none'
      Object.assign(globalThis, originals)
    },
  }
}

function silenceable(panel: Panel, Original: typeof WebSocket): typeof WebSocket {
  return class extends Original {
    readonly #isSilent: () => boolean

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      const isControl = panel.owners.isControlSocket(String(url), protocols)
      this.#isSilent = () => panel.silence === 'all' || (panel.silence === 'control' && isControl)
      // The first listener of all, so it can keep an event from every later one.
      for (const name of ['message', 'open'])
        this.addEventListener(name, (event) => {
          if (this.#isSilent()) event.stopImmediatePropagation()
        })
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (!this.#isSilent()) super.send(data)
    }
  }
}

function muffled(panel: Panel, Original: typeof BroadcastChannel): typeof BroadcastChannel {
  return class extends Original {
    constructor(name: string) {
      super(name)
      this.addEventListener('message', (event) => {
        if (panel.silence !== 'none') event.stopImmediatePropagation()
      })
    }

    override postMessage(message: unknown): void {
      if (panel.silence === 'none') super.postMessage(message)
    }
  }
}

function observed(panel: Panel, Original: typeof RTCPeerConnection): typeof RTCPeerConnection {
  const guard = (pc: RTCPeerConnection, channel: RTCDataChannel): void => {
    const isSilent = (): boolean =>
      panel.silence === 'all' || (panel.silence === 'control' && !panel.owners.isMedia(pc))
    channel.addEventListener('message', (event) => {
      if (isSilent()) event.stopImmediatePropagation()
    })
    const send = channel.send.bind(channel) as (data: never) => void
    channel.send = (data: unknown): void => {
      if (!isSilent()) send(data as never)
    }
  }
  return class extends Original {
    constructor(configuration: RTCConfiguration = {}) {
      super({
        ...configuration,
        // Chromium's receivers ignore a transform that comes with `track` in a connection that was not made for it, and
        // its senders send nothing without one in a connection that was.
        ...{ encodedInsertableStreams: true },
        // Relays only, and none given: while all is silent no candidate is ever found.
        ...(panel.silence === 'all' ? { iceServers: [], iceTransportPolicy: 'relay' as const } : {}),
      })
      panel.peers.add(this)
      this.addEventListener('track', ({ receiver, transceiver }) => {
        panel.owners.onHalf(receiver)
        panel.owners.onHalf(transceiver.sender)
      })
      this.addEventListener('datachannel', ({ channel }) => guard(this, channel))
    }

    override createDataChannel(...details: Parameters<RTCPeerConnection['createDataChannel']>): RTCDataChannel {
      const channel = super.createDataChannel(...details)
      guard(this, channel)
      return channel
    }

    override addTransceiver(...details: Parameters<RTCPeerConnection['addTransceiver']>): RTCRtpTransceiver {
      const transceiver = super.addTransceiver(...details)
      panel.owners.onHalf(transceiver.receiver)
      panel.owners.onHalf(transceiver.sender)
      return transceiver
    }

    override addTrack(...details: Parameters<RTCPeerConnection['addTrack']>): RTCRtpSender {
      const sender = super.addTrack(...details)
      panel.owners.onHalf(sender)
      return sender
    }

    override close(): void {
      panel.peers.delete(this)
      super.close()
    }
  }
}
