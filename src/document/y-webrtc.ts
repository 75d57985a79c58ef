/**
 * The mesh of data channels, which y-webrtc's provider would wedge after most ICE failures. Here: one offerer per
 * pair; attempts with ids; every connection watched until a probe was answered and as long as it stands; ICE anew
 * before a new connection; announcements while somebody is missing; documents compared now and then. Loaded on
 * demand.
 */
import type { Json } from '../json.js'
import { createAnnouncing } from './announcing.js'
import { createDialling, type Dialling } from './dialling.js'
import { type AttemptFacts, adviseOnAnnounce, adviseOnSignal, adviseOnSilence, isOfferer } from './offerer.js'
import type { Reject } from './rejections.js'
import { connectPeer, type PagePeer } from './y-webrtc-peers.js'
import { openStockRoom, type StockRoom, type StockRoomOptions } from './y-webrtc-room.js'
import { parseRtcMessage, type RtcMessage } from './y-webrtc-signaling.js'

/** The running mesh of data channels. */
export interface WebrtcLink {
  /** Pages whose data channel has answered a probe lately. */
  readonly linked: readonly string[]
  /** Milliseconds from a probe to its answer; null while there was none. */
  rttMs(id: string): number | null
  /** Bytes that wait in all data channels. */
  queuedBytes(): number
  /** A message of kind `rtc` came over the bus. */
  receive(from: string, body: unknown): void
  /** Gives up what does not work, begins anew while somebody known is not linked; once a second. */
  sweep(known: readonly string[]): void
  /** Signaling is back, or the network has changed: probes and announces without waiting for its turn. */
  check(): void
  /** A page left for good: its connection goes at once. */
  forget(id: string): void
  close(): void
}

/** What {@link startWebrtcLink} needs. */
export interface WebrtcLinkOptions extends StockRoomOptions {
  /** Sends a message of kind `rtc` to one page, or to all when `to` is null. */
  readonly send: (to: string | null, body: Json) => void
  /** Whether signaling works, without which nothing can be built anew. */
  readonly canSignal: () => boolean
  readonly onChange: () => void
  readonly reject: Reject
}

/** Starts the mesh. */
export function startWebrtcLink(options: WebrtcLinkOptions): WebrtcLink {
  const { clock, page } = options
  const room = openStockRoom(options)
  const calls = createAnnouncing(clock)
  const peers = createPeers(options, room, calls.mayAnswer)
  let compareAtMs = clock.now() + COMPARE_EVERY_MS
  let isClosed = false

  return {
    get linked() {
      return peers.linked()
    },
    rttMs: (id) => peers.all.get(id)?.probe.roundTripMs ?? null,
    queuedBytes: room.queuedBytes,
    receive(from, body) {
      const message = parseRtcMessage(body)
      if (message === null) return options.reject('signaling-garbage', from)
      try {
        if (!isClosed) peers.take(from, message)
      } catch {
        // simple-peer throws for signals that come after its end; the watchdog begins anew.
        options.reject('signaling-garbage', from)
      }
    },
    sweep(known) {
      peers.sweep()
      const missing = known.filter((id) => id !== page && !peers.all.has(id))
      if (options.canSignal() && calls.isTime(missing.length > 0)) {
        // Where most are linked nobody else has to hear it.
        for (const id of missing.length > CALLED_MAX ? [null] : missing) peers.announce(id)
      }
      if (clock.now() < compareAtMs) return
      compareAtMs = clock.now() + COMPARE_EVERY_MS * (0.75 + Math.random() / 2)
      const linked = peers.linked()
      peers.all.get(linked[Math.floor(Math.random() * linked.length)] ?? '')?.send(room.syncRequest())
    },
    check() {
      peers.dropStale()
      for (const peer of peers.all.values()) peer.ask(0)
      calls.restart()
      peers.announce(null)
    },
    forget: peers.drop,
    close() {
      isClosed = true
      room.close()
      for (const id of [...peers.all.keys()]) peers.drop(id)
    },
  }
}

interface Peers {
  readonly all: ReadonlyMap<string, PagePeer>
  linked(): readonly string[]
  announce(to: string | null): void
  take(from: string, message: RtcMessage): void
  /** Looks after every connection; once a second. */
  sweep(): void
  drop(id: string): void
  /** What was sent while nobody could hear it is lost, and an attempt waits for an answer to it. */
  dropStale(): void
}

function createPeers(options: WebrtcLinkOptions, room: StockRoom, mayAnswer: (id: string) => boolean): Peers {
  const { clock, page, send, onChange } = options
  const all = new Map<string, PagePeer>()
  const dials = createDialling(clock)
  const underWay = (): number => [...all.values()].filter((peer) => !peer.isConnected).length
  const linked = (): string[] => [...all].filter(([, peer]) => peer.probe.isLive).map(([id]) => id)
  const announce = (to: string | null): void =>
    send(to, { type: 'announce', linked: linked(), trying: [...all.keys()] })
  const drop = (id: string): void => {
    const peer = all.get(id)
    dials.forget(id)
    all.delete(id)
    peer?.drop()
  }
  const changed = (): void => {
    dial()
    onChange()
  }
  const connect = (other: string, attempt: string, isInitiator: boolean): PagePeer => {
    const peer: PagePeer = connectPeer({
      ...{ room, other, attempt, isInitiator, clock, onChange: changed, reject: options.reject },
      onSignal(signal) {
        if (all.get(other) === peer) send(other, { type: 'signal', attempt, signal: signal as Json })
      },
      onClose(wasConnected) {
        if (all.get(other) === peer) all.delete(other)
        changed()
        // It worked until now: no need to wait for the next round of announcements.
        if (wasConnected && options.canSignal() && !all.has(other)) begin(other)
      },
    })
    all.set(other, peer)
    return peer
  }
  const dial = (): void => {
    for (const other of dials.next(underWay()))
      if (!all.has(other) && all.size < CONNECTIONS_MAX) connect(other, randomId(), true)
  }
  const begin = (other: string): void => {
    if (all.size >= CONNECTIONS_MAX) return
    if (isOfferer(page, other)) dials.want(other)
    else if (mayAnswer(other)) announce(other)
    dial()
  }
  const take = (from: string, message: RtcMessage): void => {
    const present = all.get(from)?.facts() ?? null
    if (message.type === 'announce') {
      const advice = adviseOnAnnounce(page, from, message, present, dials.patience(underWay()))
      if (advice.drop) drop(from)
      if (advice.pass || advice.hello) begin(from)
      return
    }
    const { attempt, signal } = message
    const advice = adviseOnSignal(page, from, signal.type, attempt, present)
    if (advice.drop) drop(from)
    if (!advice.pass || (!all.has(from) && all.size >= CONNECTIONS_MAX)) return
    const peer = all.get(from) ?? connect(from, attempt, false)
    peer.signal(signal)
  }
  return {
    ...{ all, linked, announce, take, drop },
    sweep() {
      dials.tick()
      const count = underWay()
      for (const [id, peer] of [...all]) {
        const advice = watch(peer, dials, count, options, id)
        if (advice === 'drop') drop(id)
        else if (advice === 'restart') peer.restart()
        peer.ask(PROBE_EVERY_MS * Math.max(1, all.size / BUSY_PEERS))
      }
      dial()
    },
    dropStale: () => staleOf(all).forEach(drop),
  }
}

/** Attempts that have lost their offer or its answer. */
function staleOf(all: ReadonlyMap<string, PagePeer>): readonly string[] {
  const isStale = ({ isConnected, ageMs }: AttemptFacts): boolean => !isConnected && ageMs > STALE_AFTER_MS
  return [...all].filter(([, peer]) => isStale(peer.facts())).map(([id]) => id)
}

/** What to do with one connection now. */
function watch(
  peer: PagePeer,
  dials: Dialling,
  underWay: number,
  { clock, page, canSignal, onChange }: WebrtcLinkOptions,
  id: string,
): ReturnType<typeof adviseOnSilence> {
  const now = clock.now()
  if (peer.probe.expire(now, dials.lateness)) onChange()
  return adviseOnSilence({
    ...{ ...peer.facts(), hasRestarted: peer.hasRestarted, silentMs: peer.probe.silentMs(now) },
    ...{ isOfferer: isOfferer(page, id), canSignal: canSignal() },
    patience: peer.isConnected ? dials.lateness : dials.patience(underWay),
  })
}

function randomId(): string {
  return Math.random().toString(36).slice(2, 14) || '-'
}

/** Above the largest room a full mesh can carry. */
const CONNECTIONS_MAX = 32
/** So many pages are called one by one; more are called by one message to all. */
const CALLED_MAX = 3
/** An attempt that is older when signaling comes back has probably lost its offer. */
const STALE_AFTER_MS = 1000
/** Of a link that answers; about 60 bytes each way. */
const PROBE_EVERY_MS = 2000
/** With more links than these each is probed more rarely, so that a page's traffic stays what it is. */
const BUSY_PEERS = 5
/** One of the linked pages at a time; what channels carry is whole unless somebody has a bug. */
const COMPARE_EVERY_MS = 10_000
