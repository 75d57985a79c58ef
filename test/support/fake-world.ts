/**
 * A call as the hands of recovery see it, for tests in Node: one connection with receivers and senders whose counters
 * a test moves, and a list of everything that was asked for.
 */
import type { Json } from '../../src/json.js'
import type { Connection, LocalTrack, RemoteTrack, TrackSource } from '../../src/providers/provider.js'
import type { Target } from '../../src/recovery/strategy.js'
import type { HandsWorld, LiveConnection } from '../../src/repair/world.js'
import { type ManualClock, manualClock } from '../unit/document/manual-clock.js'
import { fakeTrack } from './fake-track.js'

/** What a receiver counts; a test changes it. */
export interface Inbound {
  framesDecoded: number
  keyFramesDecoded: number
  packetsReceived: number
  ssrc: number
  playoutAtMs: number
  bufferMs: number
}

/** A receiver with its counters. */
export interface FakeReceiver {
  readonly counts: Inbound
  jitterBufferTarget: number | null
  codecs: { mimeType: string }[]
}

/** A sender with what its encoder was told. */
export interface FakeSender {
  encoding: Record<string, unknown>
  codecs: { mimeType: string }[]
  counts: { packetsSent: number; packetsReceived: number }
}

/** The world and what was asked of it. */
export interface FakeWorld extends HandsWorld {
  readonly clock: ManualClock
  /** E.g. `key-frame camera`, `ask bea {...}`, `replace east-1 relay`. */
  readonly asked: string[]
  /** Incidents that are over. */
  readonly over: Set<string>
  readonly muted: Set<TrackSource>
  readonly lost: Set<MediaStreamTrack>
  readonly own: LocalTrack[]
  readonly people: Map<string, readonly string[]>
  readonly live: LiveConnection
  status: Connection['status']
  /** What a peer shows here: the receiver of each source. */
  receive(peer: string, source: TrackSource, id?: string): FakeReceiver
  /** Publishes a track of ours. */
  send(source: TrackSource): FakeSender
  /** Calls back whenever somebody resubscribes to a peer. */
  onResubscribe: (peer: string) => void
  onReplace: () => Promise<string>
  token: string | undefined
  /** Delivers an ask of another page. */
  hear(from: string, message: Json): void
  /** Lets the clock run, with promises in between. */
  pass(ms: number): Promise<void>
}

/** Makes one, with ana as ourselves on provider `east`. */
export function fakeWorld(facts: Partial<Omit<HandsWorld, 'clock'>> = {}): FakeWorld {
  const clock = manualClock()
  const asked: string[] = []
  const tracks = new Map<string, RemoteTrack>()
  const senders: RTCRtpSender[] = []
  const listeners = new Set<(from: string, message: Json) => void>()
  const own: LocalTrack[] = []
  const people = new Map<string, readonly string[]>()
  const over = new Set<string>()
  const lost = new Set<MediaStreamTrack>()
  const muted = new Set<TrackSource>()
  const connection = {
    get status() {
      return world.status
    },
    peers: new Set<string>(),
    tracks,
    on: () => () => undefined,
    publish: async () => undefined,
    leave: async () => undefined,
    restartIce: async () => void asked.push('ice-restart'),
    requestKeyFrame: async (what: string) => void asked.push(`key-frame ${what}`),
    setSendCap: async (source: string, bps: number | null) => void asked.push(`cap ${source} ${bps}`),
    resubscribe: async (peer: string) => {
      asked.push(`resubscribe ${peer}`)
      world.onResubscribe(peer)
    },
    peerConnections: () => [
      { id: 'send', pc: { getSenders: () => senders } as RTCPeerConnection, role: 'send' as const, peer: null },
    ],
  } satisfies Connection
  const live: LiveConnection = {
    id: 'east-1',
    provider: 'east',
    isRelayOnly: false,
    connection,
    capabilities: {
      ...{ media: 'sendrecv', identity: 'native', concurrent: true, stats: 'rtc', data: null },
      ...{
        iceRestart: true,
        keyFrame: 'sender',
        sendCap: 'bps',
        server: true,
        resubscribe: true,
        relayOnly: true,
      },
    },
  }
  const world: FakeWorld = {
    clock,
    ...{ asked, over, muted, lost, own, people, live, token: 'token' },
    status: { state: 'connected', isRecoverable: true },
    connections: () => [live],
    expected: () => people,
    local: {
      tracks: () => own,
      isMuted: (source) => muted.has(source),
      replace(source, track) {
        asked.push(`publish ${source}`)
        own.splice(0, own.length, ...own.filter((one) => one.source !== source), { source, track })
      },
    },
    wasLost: (track) => lost.has(track),
    hasRelay: true,
    hasLinks: () => true,
    isOver: (incident) => over.has(incident),
    isOnline: () => true,
    onReplace: async () => 'east-1',
    async replaceConnection(id, isRelayOnly) {
      asked.push(`replace ${id}${isRelayOnly ? ' relay' : ''}`)
      return world.onReplace()
    },
    switchProvider: async () => void asked.push('switch'),
    renewToken: async () => world.token !== undefined,
    rebuildLinks: () => void asked.push('links'),
    askUser: ({ need, source }) => void asked.push(`user ${need} ${source}`),
    onQuality: (step) => void asked.push(`quality ${step}`),
    reacquire: null,
    onReacquired: (source) => void asked.push(`reacquired ${source}`),
    onPlugged: () => void asked.push('plugged'),
    asks: {
      send: (to, message) => void asked.push(`ask ${to} ${JSON.stringify(message)}`),
      subscribe(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    onResubscribe: () => undefined,
    receive: (peer, source, id = `${peer}/${source}`) => {
      connection.peers.add(peer)
      const receiver = fakeReceiver()
      const remote = { id, peer, source, track: fakeTrack(source).track, receiver: receiver.receiver }
      tracks.set(`${peer}/${source}`, remote)
      people.set(peer, [...new Set([...(people.get(peer) ?? []), source])])
      return receiver.face
    },
    send(source) {
      const local = fakeTrack(source)
      own.push(local)
      const { sender, face } = fakeSender(local.track)
      senders.push(sender)
      return face
    },
    hear: (from, message) => {
      for (const listener of listeners) listener(from, message)
    },
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        clock.advance(STEP_MS)
        for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve()
      }
    },
    ...facts,
  }
  return world
}

/** Finer than every wait of the hands. */
const STEP_MS = 25
/** More promises than any hand chains in one step. */
const TURNS = 40

/** What a strategy is run upon; ana's page, provider east, incident `i1`. */
export function targetOf(facts: Partial<Target> = {}): Target {
  return {
    ...{ incidentId: 'i1', kind: 'timeout', provider: 'east', connectionId: null },
    ...{ peer: null, media: null, value: null },
    ...facts,
  }
}

function fakeReceiver(): { readonly receiver: RTCRtpReceiver; readonly face: FakeReceiver } {
  const counts: Inbound = {
    ...{ framesDecoded: 0, keyFramesDecoded: 0, packetsReceived: 0, ssrc: 1, playoutAtMs: 0, bufferMs: 50 },
  }
  const face: FakeReceiver = { counts, jitterBufferTarget: null, codecs: [{ mimeType: 'video/VP8' }] }
  const stats = () => ({
    ...{ type: 'inbound-rtp', codecId: 'c', ...counts, estimatedPlayoutTimestamp: counts.playoutAtMs },
    ...{ jitterBufferDelay: counts.bufferMs / 1_000, jitterBufferEmittedCount: 1 },
  })
  const receiver = Object.assign(face, {
    getStats: async () =>
      new Map([
        ['r', stats()],
        ['c', { type: 'codec', mimeType: face.codecs[0]?.mimeType }],
      ] as never),
    getParameters: () => ({ codecs: face.codecs }),
  })
  return { receiver: receiver as unknown as RTCRtpReceiver, face }
}

function fakeSender(track: MediaStreamTrack): { readonly sender: RTCRtpSender; readonly face: FakeSender } {
  const face: FakeSender = {
    encoding: { active: true },
    codecs: [{ mimeType: 'video/VP8' }, { mimeType: 'video/rtx' }, { mimeType: 'video/VP9' }],
    counts: { packetsSent: 10, packetsReceived: 10 },
  }
  const sender = {
    track,
    getParameters: () => ({ encodings: [{ ...face.encoding }], codecs: face.codecs }),
    async setParameters({ encodings: [encoding] }: { encodings: Record<string, unknown>[] }) {
      face.encoding = encoding ?? {}
    },
    getStats: async () =>
      new Map([
        ['o', { type: 'outbound-rtp', packetsSent: face.counts.packetsSent }],
        ['t', { type: 'transport', packetsReceived: face.counts.packetsReceived }],
      ]),
  }
  return { sender: sender as unknown as RTCRtpSender, face }
}
