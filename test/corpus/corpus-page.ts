/**
 * The page that is recorded: a camera and a microphone that do what a scenario says, plain peer connections
 * without any healing, and a recorder that sends what it saw every 250 ms to the process that drives it.
 */

import { projected } from './corpus-page-fields.js'
import { look, looksAt } from './corpus-page-look.js'
import { type Camera, type Microphone, startCamera, startMicrophone } from './corpus-page-media.js'
import { localSdp, measureCorruption } from './corpus-page-sdp.js'
import { type FaultMode, startTransform } from './corpus-page-transform.js'
import type { Published, PublishedState, RecordedConnection, Tick } from './recording.js'

const TICK_MS = 250
const BEAT_MS = 1000
const PROBE_MS = 1000
const PROBE_LIMIT_MS = 500
const PICTURE_MS = 500

interface Entry extends RecordedConnection {
  readonly connection: RTCPeerConnection
}

interface Heard {
  atMs: number
  published: Published
}

/** What a page is started with. */
export interface PageSpec {
  readonly id: string
  readonly recorder: string
  readonly hasTransforms: boolean
  readonly configuration?: RTCConfiguration
}

let spec: PageSpec & { readonly zeroMs?: number } = { id: '', recorder: '', hasTransforms: false }
let camera: Camera
let microphone: Microphone
let stream: MediaStream
let socket: WebSocket
let probeUrl = ''
const entries: Entry[] = []
const videos = new Map<string, HTMLVideoElement>()
const heard = new Map<string, Heard>()
const published: { audio: PublishedState; video: PublishedState } = { audio: 'live', video: 'live' }
const offsets = new WeakMap<RTCRtpReceiver, number>()
let signals: Tick['signals'][number][] = []

const now = (): number => performance.timeOrigin + performance.now() - (spec.zeroMs ?? 0)

function newConnection(role: Entry['role'], peer: string | null, provider: string): Entry {
  const connection = new RTCPeerConnection(spec.configuration)
  const entry: Entry = { pc: entries.length + 1, role, peer, provider, connection }
  entries.push(entry)
  connection.onconnectionstatechange = () =>
    signals.push({ type: 'ice', pc: entry.pc, state: connection.connectionState })
  connection.ontrack = ({ track }) => {
    if (peer !== null) show(peer, track)
  }
  send({ type: 'connection', connection: { pc: entry.pc, role, peer, provider } })
  return entry
}

function publishOn({ connection, peer }: Entry): void {
  for (const track of stream.getTracks()) {
    const sender = connection.addTrack(track, stream)
    if (spec.hasTransforms) startTransform(sender, `out:${track.kind}:${peer ?? ''}`)
  }
  for (const transceiver of connection.getTransceivers()) measureCorruption(transceiver)
}

function show(peer: string, track: MediaStreamTrack): void {
  const element = document.createElement(track.kind === 'video' ? 'video' : 'audio')
  element.muted = track.kind === 'video'
  element.autoplay = true
  element.srcObject = new MediaStream([track])
  document.body.append(element)
  if (element instanceof HTMLVideoElement) videos.set(peer, element)
}

function entryOf(pc: number): Entry {
  const entry = entries.find((one) => one.pc === pc)
  if (!entry) throw new Error(`no connection ${pc}`)
  return entry
}

function send(message: object): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ from: spec.id, ...message }))
}

/** The connections of this page, for one that watches them otherwise. */
export const connections = (): readonly Entry[] => entries

/** Whether the server answers, as a provider's adapter asks. */
export async function isServerAnswering(): Promise<boolean> {
  const options: RequestInit = { mode: 'no-cors', signal: AbortSignal.timeout(PROBE_LIMIT_MS) }
  return fetch(probeUrl, options).then(
    () => true,
    () => false,
  )
}

async function probe(): Promise<void> {
  const isAnswered = await isServerAnswering()
  // Only now: the list of a tick that has passed meanwhile is read already.
  signals.push({ type: 'probe', isAnswered })
}

function receiversOf(entry: Entry): Tick['receivers'] {
  if (entry.role === 'send') return []
  return entry.connection.getReceivers().flatMap((receiver) => {
    const stamps = receiver.getSynchronizationSources().map((source) => source.timestamp)
    if (stamps.length === 0) return []
    const age = performance.now() - Math.max(...stamps)
    const offset = Math.min(offsets.get(receiver) ?? Number.POSITIVE_INFINITY, age)
    offsets.set(receiver, offset)
    return [{ pc: entry.pc, trackIdentifier: receiver.track.id, sinceMs: Math.round(age - offset) }]
  })
}

async function takeTick(dueMs: number): Promise<void> {
  const atMs = now()
  const open = entries.filter((entry) => entry.connection.signalingState !== 'closed')
  const receivers = open.flatMap(receiversOf)
  const passed = signals
  signals = []
  const stats = await Promise.all(
    open.map(async (entry) => ({
      pc: entry.pc,
      entries: projected(await entry.connection.getStats(), spec.zeroMs ?? 0),
    })),
  )
  const tick: Tick = {
    atMs: Math.round(atMs),
    lateMs: Math.max(0, Math.round(atMs - dueMs)),
    isHidden: document.hidden,
    isOnline: navigator.onLine,
    stats,
    states: open.map(({ pc, connection }) => ({
      pc,
      connection: connection.connectionState,
      ice: connection.iceConnectionState,
    })),
    receivers,
    local: stream.getTracks().map((track) => ({
      kind: track.kind as 'audio' | 'video',
      readyState: track.readyState,
      isMuted: track.muted,
      isEnabled: track.enabled,
    })),
    published: { ...published },
    heard: [...heard].map(([peer, one]) => ({
      peer,
      ageMs: Math.round(now() - one.atMs),
      published: one.published,
    })),
    pictures: looksAt(),
    signals: passed,
  }
  send({ type: 'tick', tick })
}

function startRecorder(): void {
  let dueMs = now() + TICK_MS
  let isReading = false
  setInterval(() => {
    const due = dueMs
    // After a long stall the timer does not catch up, and neither does the plan.
    dueMs = Math.max(dueMs + TICK_MS, now() + TICK_MS / 2)
    if (isReading) return
    isReading = true
    void takeTick(due).finally(() => {
      isReading = false
    })
  }, TICK_MS)
  setInterval(() => send({ type: 'beat', published }), BEAT_MS)
  setInterval(() => look(videos), PICTURE_MS)
}

const corpus = {
  async start(given: PageSpec): Promise<void> {
    spec = given
    camera = startCamera()
    microphone = await startMicrophone()
    stream = new MediaStream([camera.track, microphone.track])
    const own = document.createElement('video')
    own.muted = true
    own.autoplay = true
    own.srcObject = new MediaStream([camera.track])
    document.body.append(own)
    videos.set(spec.id, own)
    socket = new WebSocket(spec.recorder)
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onerror = reject
    })
    socket.onmessage = ({ data }) => {
      const beat: { from: string; published: Published } = JSON.parse(String(data))
      heard.set(beat.from, { atMs: now(), published: beat.published })
    }
  },
  /** From here on everything is recorded; zero of the recording's clock, milliseconds since 1970. */
  begin(zeroMs: number): void {
    spec = { ...spec, zeroMs }
    signals = []
    startRecorder()
  },
  async offerPair(peer: string): Promise<{ pc: number; sdp: string }> {
    const entry = newConnection('both', peer, 'mesh')
    publishOn(entry)
    return { pc: entry.pc, sdp: await localSdp(entry.connection) }
  },
  async answerPair(peer: string, sdp: string): Promise<{ pc: number; sdp: string }> {
    const entry = newConnection('both', peer, 'mesh')
    await entry.connection.setRemoteDescription({ type: 'offer', sdp })
    publishOn(entry)
    return { pc: entry.pc, sdp: await localSdp(entry.connection) }
  },
  async offerPublish(): Promise<{ pc: number; sdp: string }> {
    const entry = newConnection('send', null, 'sfu')
    publishOn(entry)
    for (const transceiver of entry.connection.getTransceivers()) transceiver.direction = 'sendonly'
    return { pc: entry.pc, sdp: await localSdp(entry.connection) }
  },
  async offerSubscribe(peer: string): Promise<{ pc: number; sdp: string }> {
    const entry = newConnection('recv', peer, 'sfu')
    entry.connection.addTransceiver('audio', { direction: 'recvonly' })
    entry.connection.addTransceiver('video', { direction: 'recvonly' })
    return { pc: entry.pc, sdp: await localSdp(entry.connection) }
  },
  accept: (pc: number, sdp: string): Promise<void> =>
    entryOf(pc).connection.setRemoteDescription({ type: 'answer', sdp }),
  /** Everybody who should be seen is seen. */
  isLive: (peers: number): boolean =>
    entries.every(({ connection }) => connection.connectionState === 'connected') &&
    [...videos.values()].filter((video) => video.currentTime > 0).length > peers,
  /** Watches the server's event socket like a WHIP adapter does. */
  watch(url: string): void {
    const events = new WebSocket(url)
    events.onopen = () => signals.push({ type: 'socket-open' })
    events.onclose = () => signals.push({ type: 'socket-closed' })
    probeUrl = `${url.replace(/^ws/, 'http').replace(/\/events\/.*/, '')}/health`
    setInterval(() => void probe(), PROBE_MS)
  },
  /** From now on nothing answers probes. */
  cutOff(url: string): void {
    probeUrl = url
  },
  /** A request that the server may refuse; only the status is noted. */
  async renew(url: string): Promise<void> {
    const { status } = await fetch(url, { method: 'POST', body: '' })
    signals.push({ type: 'response', status })
  },
  camera: (mode: Camera['mode']): void => camera.set(mode),
  microphone: (mode: 'talk' | 'silent'): void => microphone.set(mode),
  /** What an app does when somebody mutes: the track is disabled, the sender stays, the others are told. */
  mute(kind: 'audio' | 'video', state: PublishedState): void {
    published[kind] = state
    for (const track of stream.getTracks()) if (track.kind === kind) track.enabled = state === 'live'
    send({ type: 'beat', published })
  },
  /** What an app does when somebody pauses: nothing is sent any more, the others are told. */
  async pause(kind: 'audio' | 'video'): Promise<void> {
    published[kind] = 'off'
    send({ type: 'beat', published })
    for (const { connection } of entries)
      for (const sender of connection.getSenders())
        if (sender.track?.kind === kind) await sender.replaceTrack(null)
  },
  endDevice(kind: 'audio' | 'video'): void {
    for (const track of stream.getTracks()) if (track.kind === kind) track.stop()
  },
  fault: (where: string, mode: FaultMode): void => faultChannel.postMessage({ where, mode }),
}

const faultChannel = new BroadcastChannel('corpus-fault')

/** What the driver calls. */
export type Corpus = typeof corpus

declare global {
  interface Window {
    corpus: Corpus
  }
}

window.corpus = corpus
