/**
 * One attempt at a peer connection, on simple-peer 9.11.1, and the only file that knows its insides. It adds
 * what simple-peer lacks: ICE restart, statistics through the peer connection, media sections per source
 * (slots), and survival of `failed`, where the stock class destroys itself for ever. Deadlines, attempts and
 * heartbeats belong to the owner.
 */
import type { JoinRequest, TrackSource } from '../provider.js'
import { createSlots, type Slots } from './slots.js'
import type { LaneBody, Layout, Published } from './wire.js'

/** The part of simple-peer that is used; underscored members are its insides, hence the pinned version. */
interface SimplePeerInstance {
  readonly destroyed: boolean
  readonly destroying: boolean
  readonly _pc: RTCPeerConnection | null
  readonly _channel: RTCDataChannel | null
  _onConnectionStateChange(): void
  _onIceStateChange(): void
  _createAnswer(): void
  on(event: string, listener: (argument: never) => void): void
  signal(data: object): void
  negotiate(): void
  destroy(): void
}

/** simple-peer's class. */
export type SimplePeerClass = new (options: {
  readonly initiator: boolean
  readonly trickle: boolean
  readonly objectMode: boolean
  readonly config: RTCConfiguration
}) => SimplePeerInstance

/** What a link tells its owner; nothing after `close()`. */
export interface PeerLinkEvents {
  /** To be delivered to the other side, in order. */
  onSignal(body: LaneBody): void
  onState(state: RTCPeerConnectionState): void
  /** The data channel is open. */
  onOpen(): void
  onText(text: string): void
  onBytes(bytes: Uint8Array): void
  /** A session description of the other side says what it publishes. */
  onPublished(published: Published): void
  /** Signaling is quiet again: sections may have become usable. */
  onStable(): void
  /** The other side closed it, or it broke beyond repair. */
  onClosed(): void
}

/** Options of {@link createPeerLink}. */
export interface PeerLinkOptions {
  readonly Peer: SimplePeerClass
  readonly isInitiator: boolean
  readonly ice: Pick<JoinRequest, 'iceServers' | 'iceTransportPolicy'>
  readonly published: () => Published
  readonly events: PeerLinkEvents
}

/** A living attempt. */
export interface PeerLink {
  readonly pc: RTCPeerConnection
  readonly slots: Slots
  /** Bytes waiting in the data channel. */
  readonly bufferedBytes: number
  /** Takes what the other side's `onSignal` gave. Malformed bodies close the link at worst. */
  signal(body: LaneBody): void
  /** False when the data channel is not open. */
  send(data: string | Uint8Array): boolean
  /** New ICE credentials; the answering side asks the initiator for it. */
  restartIce(): void
  close(): void
}

/** Starts an attempt; the initiator's offer follows in a later turn. Throws where WebRTC is missing. */
export function createPeerLink(options: PeerLinkOptions): PeerLink {
  const { events, isInitiator } = options
  const peer = createPeer(options)
  const pc = peer._pc
  if (!pc) throw new Error('the browser gave no peer connection')
  let isClosed = false
  let offered: Layout = []
  const told = (tell: () => void): void => {
    if (!isClosed) tell()
  }
  const slots = createSlots({
    pc,
    isInitiator,
    negotiate: () => peer.negotiate(),
    need: (source: TrackSource) => events.onSignal({ kind: 'need', source }),
  })
  const restartIce = (): void => {
    if (pc.signalingState === 'closed') events.onClosed()
    else if (isInitiator) {
      pc.restartIce()
      peer.negotiate()
    } else events.onSignal({ kind: 'restart' })
  }
  const createAnswer = peer._createAnswer
  peer._createAnswer = () => {
    // The only moment between a remote offer and its answer at which sections can be taken over.
    slots.adopt(offered)
    createAnswer.call(peer)
  }
  keepAlive(peer, pc, (state) => told(() => events.onState(state)))
  listen(peer, pc, slots, options, told)

  return {
    pc,
    slots,
    get bufferedBytes() {
      return peer._channel?.bufferedAmount ?? 0
    },
    signal(body) {
      if (isClosed || peer.destroyed || peer.destroying) return
      if (body.kind === 'need' || body.kind === 'restart') {
        // Only the initiator makes offers, so only it is asked.
        if (!isInitiator) return
        if (body.kind === 'need') slots.ensure(body.source)
        else restartIce()
        return
      }
      if (body.kind === 'sdp') {
        // An offer to the initiator or an answer to the other side is no message of ours.
        if ((body.type === 'offer') === isInitiator) return
        if (body.type === 'offer') offered = body.layout
        events.onPublished(body.published)
      }
      try {
        peer.signal(signalOf(body))
      } catch {
        // A malformed candidate; the others may be fine.
      }
    },
    send(data) {
      const channel = peer._channel
      if (isClosed || channel?.readyState !== 'open') return false
      // TypeScript tells bytes over shared memory apart; ours never are.
      channel.send(data as string)
      return true
    },
    restartIce: () => told(restartIce),
    close() {
      if (isClosed) return
      isClosed = true
      peer.destroy()
      // simple-peer closes it in a later turn; whoever looks now shall see it closed.
      pc.close()
    },
  }
}

function createPeer({ Peer, isInitiator, ice }: PeerLinkOptions): SimplePeerInstance {
  return new Peer({
    initiator: isInitiator,
    trickle: true,
    // Keeps message boundaries, and text apart from bytes.
    objectMode: true,
    config: { iceServers: [...ice.iceServers], iceTransportPolicy: ice.iceTransportPolicy ?? 'all' },
  })
}

function listen(
  peer: SimplePeerInstance,
  pc: RTCPeerConnection,
  slots: Slots,
  { events, published }: PeerLinkOptions,
  told: (tell: () => void) => void,
): void {
  peer.on('signal', (data: SimplePeerSignal) =>
    told(() => {
      const body = bodyOf(data, slots, published)
      if (body) events.onSignal(body)
    }),
  )
  peer.on('connect', () => told(events.onOpen))
  peer.on('signalingStateChange', () =>
    told(() => {
      if (pc.signalingState === 'stable') events.onStable()
    }),
  )
  peer.on('data', (data: string | Uint8Array) =>
    told(() => (typeof data === 'string' ? events.onText(data) : events.onBytes(new Uint8Array(data)))),
  )
  // Every error is followed by `close`, which is handled; without a listener the stream would throw it.
  peer.on('error', () => undefined)
  peer.on('close', () => told(events.onClosed))
}

interface SimplePeerSignal {
  readonly type?: string
  readonly sdp?: string
  readonly candidate?: RTCIceCandidateInit
}

function bodyOf(data: SimplePeerSignal, slots: Slots, published: () => Published): LaneBody | null {
  if ((data.type === 'offer' || data.type === 'answer') && data.sdp !== undefined)
    return { kind: 'sdp', type: data.type, sdp: data.sdp, layout: slots.layout(), published: published() }
  if (data.candidate)
    return {
      kind: 'candidate',
      candidate: data.candidate.candidate ?? '',
      sdpMid: data.candidate.sdpMid ?? null,
      sdpMLineIndex: data.candidate.sdpMLineIndex ?? null,
    }
  return data.type === 'renegotiate' ? { kind: 'renegotiate' } : null
}

function signalOf(body: Exclude<LaneBody, { kind: 'need' | 'restart' }>): object {
  if (body.kind === 'sdp') return { type: body.type, sdp: body.sdp }
  if (body.kind === 'renegotiate') return { type: 'renegotiate', renegotiate: true }
  const { candidate, sdpMid, sdpMLineIndex } = body
  return { type: 'candidate', candidate: { candidate, sdpMid, sdpMLineIndex } }
}

// The stock handlers destroy the peer on `failed`; an ICE restart can still bring it back (knowledge of
// simple-peer 9.11.1: suppressed and restarted, video is back about a second after the network).
function keepAlive(
  peer: SimplePeerInstance,
  pc: RTCPeerConnection,
  onState: (state: RTCPeerConnectionState) => void,
): void {
  const onIceStateChange = peer._onIceStateChange
  peer._onIceStateChange = () => {
    if (peer.destroyed || pc.iceConnectionState === 'failed' || pc.iceConnectionState === 'closed') return
    onIceStateChange.call(peer)
  }
  peer._onConnectionStateChange = () => onState(pc.connectionState)
}
