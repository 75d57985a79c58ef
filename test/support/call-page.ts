/**
 * The page of the multi-tab tests: a call as an app would embed it. Each peer's stream is bound to a <video>
 * once; frames are counted by requestVideoFrameCallback and only those that carry an rtpTimestamp, because
 * the end of an old track makes the element emit one more frame without it.
 */
import { type Call, type CallOptions, createCall, type Provider, type TrackSource } from '../../src/index.js'
import { janus } from '../../src/providers/janus.js'
import { mesh } from '../../src/providers/mesh.js'
import { whip } from '../../src/providers/whip.js'
import { createFaults, type Faults } from '../../src/testing/faults.js'

/** A provider as a test names it. */
export type ProviderSpec =
  | { readonly kind: 'whip'; readonly id: string; readonly url: string }
  | { readonly kind: 'janus'; readonly id: string; readonly url: string; readonly roomId: number }
  | { readonly kind: 'mesh'; readonly id: string }

/** What a test starts a tab with. */
export interface TabSpec {
  readonly room: string
  readonly me: { readonly id: string; readonly name?: string }
  readonly providers: readonly ProviderSpec[]
  readonly signaling: readonly string[]
  readonly standby?: CallOptions['standby']
  readonly muted?: readonly ('camera' | 'microphone')[]
  readonly history?: 'indexeddb' | 'memory'
  /** Reading pixels back costs the page more than the call does; off where time is measured. Default true. */
  readonly watchesBlack?: boolean
  /** Of the camera. Default 15. */
  readonly framesPerSecond?: number
  /** Makes the call one that can be broken from inside, through `rig.faults`. */
  readonly faultSeed?: number
}

interface FrameLog {
  readonly times: number[]
  readonly blackTimes: number[]
  srcObjectSets: number
}

const frames = new Map<string, FrameLog>()
const moments: { readonly name: string; readonly atMs: number; readonly detail: unknown }[] = []
let call: Call | null = null
let watchesBlack = true
let published: MediaStream | null = null
let faults: Faults | null = null
let tokens = 0
let ownHue = 200
/** A device that is lost can be had again, as one that was plugged out for a moment. */
let hasSpare = false
const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true })

function providerOf(spec: ProviderSpec): Provider {
  if (spec.kind === 'mesh') return mesh({ id: spec.id })
  if (spec.kind === 'whip') return whip({ id: spec.id, url: spec.url })
  return janus({ id: spec.id, url: spec.url, roomId: spec.roomId })
}

function showPeer(peer: string, stream: MediaStream): void {
  if (frames.has(peer)) return
  const log: FrameLog = { times: [], blackTimes: [], srcObjectSets: 1 }
  frames.set(peer, log)
  const video = document.createElement('video')
  video.autoplay = true
  video.muted = true
  video.playsInline = true
  video.width = 160
  video.dataset.peer = peer
  video.srcObject = stream
  document.body.append(video)
  const count: VideoFrameRequestCallback = (now, metadata) => {
    if (metadata.rtpTimestamp !== undefined) {
      log.times.push(performance.timeOrigin + now)
      if (watchesBlack && isBlack(video)) log.blackTimes.push(performance.timeOrigin + now)
    }
    video.requestVideoFrameCallback(count)
  }
  video.requestVideoFrameCallback(count)
}

function isBlack(video: HTMLVideoElement): boolean {
  if (probe === null || video.videoWidth === 0) return false
  probe.drawImage(video, 0, 0, 4, 4)
  const { data } = probe.getImageData(0, 0, 4, 4)
  return data.every((value, index) => index % 4 === 3 || value < 8)
}

/** 15 frames a second: gaps show, and the machine has room for everybody. */
const FRAMES_PER_SECOND = 15
let framesPerSecond = FRAMES_PER_SECOND

/** A moving, never black picture; the fake device would do, but its colour says who it is. */
async function camera(hue: number): Promise<MediaStream> {
  const canvas = document.createElement('canvas')
  // Small on purpose: five people on a machine of two cores encode and decode twenty streams.
  canvas.width = 160
  canvas.height = 120
  const context = canvas.getContext('2d')
  let count = 0
  const draw = (): void => {
    if (context === null) return
    context.fillStyle = `hsl(${hue} 70% 55%)`
    context.fillRect(0, 0, 160, 120)
    context.fillStyle = 'white'
    context.fillRect((count * 7) % 140, 50, 20, 30)
    count += 1
  }
  // Before the first capture: an empty canvas is a black frame.
  draw()
  setInterval(draw, 1000 / framesPerSecond)
  const stream = canvas.captureStream(framesPerSecond)
  const audio = await navigator.mediaDevices.getUserMedia({ audio: true })
  for (const track of audio.getAudioTracks()) stream.addTrack(track)
  return stream
}

let openCamera: (hue: number, framesPerSecond: number) => Promise<MediaStream> = camera
/** From now on pages have this camera and microphone. */
export function setCamera(open: typeof openCamera): void {
  openCamera = open
}

/** A device of the same person behind a source. */
async function deviceOf(source: TrackSource): Promise<MediaStreamTrack> {
  const stream = await openCamera(ownHue, framesPerSecond)
  const [track] = source === 'camera' ? stream.getVideoTracks() : stream.getAudioTracks()
  if (track === undefined) throw new Error('a device gave no track')
  for (const other of stream.getTracks()) if (other !== track) other.stop()
  return track
}

const rig = {
  /** Makes the picture without a call, for baselines. */
  async openCamera(): Promise<void> {
    published = await openCamera(200, framesPerSecond)
  },
  async start(spec: TabSpec): Promise<void> {
    ownHue = [...spec.me.id].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 360
    watchesBlack = spec.watchesBlack ?? true
    framesPerSecond = spec.framesPerSecond ?? FRAMES_PER_SECOND
    if (spec.faultSeed !== undefined) faults = createFaults({ seed: spec.faultSeed, signaling: spec.signaling })
    const started = createCall({
      room: spec.room,
      me: spec.me,
      providers: spec.providers.map(providerOf).map((one) => faults?.provider(one) ?? one),
      // A new one for each ask, as from a server that renews them; no server of the tests looks at it.
      token: async () => `token-${tokens++}`,
      signaling: spec.signaling,
      development: true,
      history: spec.history ?? 'memory',
      recovery: { reacquire: async (source) => (hasSpare ? deviceOf(source) : null) },
      ...(spec.standby ? { standby: spec.standby } : {}),
    })
    call = started
    for (const name of [
      'state-changed',
      'provider-agreed',
      'switch-started',
      'stream-flipped',
      'peer-joined',
      'peer-left',
      'peer-suspect',
      'peer-stale',
      'peer-back',
      'recovered',
      'recovery-failed',
      'alert-raised',
    ] as const)
      started.on(name, (detail) =>
        moments.push({ name, atMs: performance.timeOrigin + performance.now(), detail }),
      )
    started.on('warning', (error) =>
      moments.push({
        name: 'warning',
        atMs: performance.timeOrigin + performance.now(),
        detail: `${error.code}: ${error.message}`,
      }),
    )
    started.on('error', (error) =>
      moments.push({
        name: 'error',
        atMs: performance.timeOrigin + performance.now(),
        detail: `${error.code}: ${error.message} ${String(error.cause ?? '')}`,
      }),
    )
    // A listener that throws is reported as an uncaught problem of the page, which every scenario looks at.
    started.on('peer-joined', ({ peer }) => {
      if (!started.getSnapshot().peers.some(({ id }) => id === peer))
        throw new Error(`${peer} was told before the snapshot showed them`)
    })
    started.subscribe(() => {
      for (const peer of started.getSnapshot().peers) showPeer(peer.id, peer.stream)
    })
    for (const source of spec.muted ?? []) started.setMuted(source, true)
    published = await openCamera(ownHue, framesPerSecond)
    await started.publish(published)
    moments.push({ name: 'joining', atMs: rig.now(), detail: null })
    await started.join()
  },
  /** Leaves, and makes the page fit for another `start`. */
  async stop(): Promise<void> {
    await rig.call.leave()
    await faults?.close()
    for (const track of published?.getTracks() ?? []) track.stop()
    for (const video of document.querySelectorAll('video')) {
      video.srcObject = null
      video.remove()
    }
    frames.clear()
    moments.length = 0
    call = null
    faults = null
    hasSpare = false
  },
  /** The picture and sound that `start` published. */
  get camera(): MediaStream {
    if (published === null) throw new Error('not started')
    return published
  },
  /** The person plugs a device in again. */
  async replug(source: TrackSource): Promise<void> {
    await rig.call.replaceTrack(source, await deviceOf(source))
  },
  setSpare(isThere: boolean): void {
    hasSpare = isThere
  },
  get call(): Call {
    if (call === null) throw new Error('not started')
    return call
  },
  get faults(): Faults {
    if (faults === null) throw new Error('started without a seed for faults')
    return faults
  },
  /** Snapshot without streams, so that it can cross to the test. */
  snapshot() {
    const { peers, ...rest } = rig.call.getSnapshot()
    return {
      ...rest,
      peers: peers.map(({ stream, ...peer }) => ({
        ...peer,
        tracks: stream
          .getTracks()
          .map((track) => ({ kind: track.kind, enabled: track.enabled, state: track.readyState })),
      })),
    }
  },
  frames: () => Object.fromEntries([...frames].map(([peer, log]) => [peer, log])),
  moments: () => moments,
  now: () => performance.timeOrigin + performance.now(),
}

/** What tests call through `page.evaluate`. */
export type Rig = typeof rig

declare global {
  interface Window {
    rig: Rig
  }
}

window.rig = rig
