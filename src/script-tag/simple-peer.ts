/**
 * In place of simple-peer 9.11.1 in the script-tag build, with the same signals on the wire: as much of it as
 * y-webrtc and the mesh use. They send whole messages over one data channel and handle tracks on the peer
 * connection themselves, so streams, their polyfills and the track methods are not here; `connect` is fired
 * without a look at statistics for addresses that nobody reads.
 */

type Listener = (...values: never[]) => void

interface Signal {
  readonly type?: RTCSdpType
  readonly sdp?: string
  readonly candidate?: RTCIceCandidateInit
  readonly renegotiate?: boolean
}

/** Underscored members are those that `document/y-webrtc*.ts` and `providers/mesh/peer-link.ts` reach into. */
class Peer {
  destroyed = false
  destroying = false
  _pc: RTCPeerConnection | null
  _channel: RTCDataChannel | null = null
  offerOptions: RTCOfferOptions | undefined
  readonly #isInitiator: boolean
  readonly #listeners = new Map<string, Listener[]>()
  #pending: RTCIceCandidateInit[] = []
  #isConnected = false
  #isNegotiating = false
  #hasQueued = false
  #isSoon = false
  #closing: ReturnType<typeof setInterval> | undefined

  constructor({ initiator, config }: { initiator: boolean; config: RTCConfiguration }) {
    this.#isInitiator = initiator
    const pc = new RTCPeerConnection(config)
    this._pc = pc
    pc.oniceconnectionstatechange = () => this._onIceStateChange()
    pc.onconnectionstatechange = () => this._onConnectionStateChange()
    pc.onsignalingstatechange = () => this.#onSignalingState(pc)
    pc.onicecandidate = ({ candidate }) => {
      if (!candidate || this.destroyed) return
      const { sdpMLineIndex, sdpMid } = candidate
      this.emit('signal', {
        type: 'candidate',
        candidate: { candidate: candidate.candidate, sdpMLineIndex, sdpMid },
      })
    }
    pc.ondatachannel = ({ channel }) => this.#use(channel)
    if (!initiator) return
    this.#use(pc.createDataChannel('data'))
    this.#negotiateSoon()
  }

  on(name: string, listener: Listener): this {
    this.#listeners.set(name, [...this.listeners(name), listener])
    return this
  }

  removeAllListeners(name?: string): this {
    if (name === undefined) this.#listeners.clear()
    else this.#listeners.delete(name)
    return this
  }

  listeners(name: string): Listener[] {
    return this.#listeners.get(name) ?? []
  }

  emit(name: string, ...values: unknown[]): void {
    for (const listener of this.listeners(name)) listener(...(values as never[]))
  }

  /** Takes what the other side's `signal` event gave. Throws when destroyed. */
  signal(data: Signal): void {
    if (this.#isEnding()) return
    const pc = this._pc as RTCPeerConnection
    const { candidate, sdp, renegotiate } = data
    if (candidate) {
      if (pc.remoteDescription) this.#addCandidate(pc, candidate)
      else this.#pending.push(candidate)
    }
    if (sdp) void this.#describe(pc, data as RTCSessionDescriptionInit)
    if (renegotiate && this.#isInitiator) this.#negotiateSoon()
    if (!sdp && !candidate && !renegotiate) this.#fail('ERR_SIGNALING', new Error('not a signal'))
  }

  /** Throws when destroyed, or when the channel is not open. */
  send(data: string | ArrayBuffer): void {
    if (!this.#isEnding()) this._channel?.send(data as string)
  }

  /** Makes a new offer, or asks the initiator for one; while one is under way, once more after it. */
  negotiate(): void {
    if (this.#isEnding()) return
    if (this.#isNegotiating) this.#hasQueued = true
    else if (!this.#isInitiator) this.emit('signal', { type: 'renegotiate', renegotiate: true })
    // As in simple-peer: what else this turn changes is in the offer too.
    else setTimeout(() => void this.#createOffer())
    this.#isNegotiating = true
  }

  /** Ends it a microtask later: `error` when there is one, then `close`. */
  destroy(error?: unknown): void {
    if (this.destroyed || this.destroying) return
    this.destroying = true
    queueMicrotask(() => {
      this.destroyed = true
      this.destroying = false
      clearInterval(this.#closing)
      if (this._channel) {
        this._channel.onclose = null
        this._channel.onerror = null
        this._channel.close()
      }
      this._pc?.close()
      this._channel = null
      this._pc = null
      if (error !== undefined) this.emit('error', error)
      this.emit('close')
    })
  }

  /** Answers the offer that was set. */
  _createAnswer(): void {
    void this.#tell('ERR_CREATE_ANSWER', (pc) => pc.createAnswer())
  }

  _onConnectionStateChange(): void {
    if (this._pc?.connectionState === 'failed')
      this.#fail('ERR_CONNECTION_FAILURE', new Error('connection failed'))
  }

  _onIceStateChange(): void {
    const state = this._pc?.iceConnectionState
    if (state === 'failed') this.#fail('ERR_ICE_CONNECTION_FAILURE', new Error('ICE failed'))
    else if (state === 'closed') this.#fail('ERR_ICE_CONNECTION_CLOSED', new Error('ICE closed'))
    else this.#connectWhenReady()
  }

  /** At most once per turn. */
  #negotiateSoon(): void {
    if (this.#isSoon) return
    this.#isSoon = true
    queueMicrotask(() => {
      this.#isSoon = false
      if (!this.destroyed) this.negotiate()
    })
  }

  #createOffer(): Promise<void> {
    return this.#tell('ERR_CREATE_OFFER', (pc) => pc.createOffer(this.offerOptions))
  }

  async #tell(
    code: string,
    create: (pc: RTCPeerConnection) => Promise<RTCSessionDescriptionInit>,
  ): Promise<void> {
    const pc = this._pc
    if (!pc) return
    try {
      const description = await create(pc)
      if (this.destroyed) return
      await pc.setLocalDescription(description)
      const { type, sdp } = pc.localDescription ?? description
      if (!this.destroyed) this.emit('signal', { type, sdp })
    } catch (error) {
      this.#fail(code, error)
    }
  }

  async #describe(pc: RTCPeerConnection, description: RTCSessionDescriptionInit): Promise<void> {
    try {
      await pc.setRemoteDescription(description)
      if (this.destroyed) return
      for (const candidate of this.#pending.splice(0)) this.#addCandidate(pc, candidate)
      if (description.type === 'offer') this._createAnswer()
    } catch (error) {
      this.#fail('ERR_SET_REMOTE_DESCRIPTION', error)
    }
  }

  #addCandidate(pc: RTCPeerConnection, init: RTCIceCandidateInit): void {
    const candidate = new RTCIceCandidate(init)
    pc.addIceCandidate(candidate).catch((error: unknown) => {
      // One that cannot be read or resolved is no reason to give up; the others may do.
      if (candidate.address && !candidate.address.endsWith('.local')) this.#fail('ERR_ADD_ICE_CANDIDATE', error)
    })
  }

  #onSignalingState(pc: RTCPeerConnection): void {
    if (this.destroyed) return
    if (pc.signalingState === 'stable') {
      this.#isNegotiating = false
      if (this.#hasQueued) this.#negotiateSoon()
      this.#hasQueued = false
    }
    this.emit('signalingStateChange', pc.signalingState)
  }

  #use(channel: RTCDataChannel): void {
    this._channel = channel
    channel.binaryType = 'arraybuffer'
    channel.onmessage = ({ data }) => {
      if (!this.destroyed) this.emit('data', data instanceof ArrayBuffer ? new Uint8Array(data) : data)
    }
    channel.onopen = () => this.#connectWhenReady()
    channel.onclose = () => this.destroy()
    channel.onerror = ({ error }) => this.#fail('ERR_DATA_CHANNEL', error)
    let wasClosing = false
    // Nothing is fired when the other side begins to close, and a lost end of it would never come.
    this.#closing = setInterval(() => {
      const isClosing = channel.readyState === 'closing'
      if (isClosing && wasClosing) this.destroy()
      wasClosing = isClosing
    }, CLOSING_LIMIT_MS)
  }

  #connectWhenReady(): void {
    const state = this._pc?.iceConnectionState
    const isReady = (state === 'connected' || state === 'completed') && this._channel?.readyState === 'open'
    if (!isReady || this.#isConnected || this.destroyed) return
    this.#isConnected = true
    this.emit('connect')
  }

  #isEnding(): boolean {
    if (this.destroyed) throw coded('ERR_DESTROYED', new Error('the peer is destroyed'))
    return this.destroying
  }

  #fail(code: string, error: unknown): void {
    if (!this.destroyed) this.destroy(coded(code, error))
  }
}

// biome-ignore lint/style/noDefaultExport: it stands in for a package whose class is imported so.
export { Peer as default }

/** simple-peer looks this often whether a channel is stuck while it closes. */
const CLOSING_LIMIT_MS = 5000

/** Defined, because the `code` that a DOMException inherits cannot be assigned. */
function coded(code: string, error: unknown): unknown {
  return Object.defineProperty(error, 'code', { value: code, configurable: true })
}
