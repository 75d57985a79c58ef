/**
 * Page of the media tests: remote media fed by real loopback peer connections, one `<video>` per peer bound
 * once, and meters for frames, black pictures and concealed sound.
 */
import { systemClock } from '../../src/clock.js'
import { createRemoteMedia, type FlipReport, type RemoteMedia } from '../../src/media/remote-media.js'
import { waitFor } from './page-wait.js'

interface Pair {
  readonly sender: RTCPeerConnection
  readonly receiver: RTCPeerConnection
  readonly video: RTCRtpReceiver
  readonly audio: RTCRtpReceiver
}

interface Screen {
  readonly element: HTMLVideoElement
  readonly frames: { atMs: number; isReal: boolean; light: number }[]
  readonly events: string[]
  blackPaints: number
  isMetering: boolean
}

const clock = systemClock()
const flips: FlipReport[] = []
const screens = new Map<string, Screen>()
const pairs = new Map<string, Pair>()
let media: RemoteMedia
let camera: MediaStream
let changes = 0

const mediaPage = {
  /** Opens the fake devices and makes the remote media. */
  async begin(frameRate = 20) {
    const video = { width: 320, height: 240, frameRate }
    camera = await navigator.mediaDevices.getUserMedia({ video, audio: true })
    media = createRemoteMedia({
      clock,
      onFlip: (report) => flips.push(report),
      onChange: () => {
        changes += 1
      },
    })
  },
  /** A sender for `peer` on `connection`, told to the media as an adapter would. */
  async connect(peer: string, connection: string) {
    const pair = await connectPair()
    pairs.set(`${connection}/${peer}`, pair)
    for (const [source, receiver] of [
      ['microphone', pair.audio],
      ['camera', pair.video],
    ] as const)
      media.addTrack(connection, { id: `${peer}-${source}`, peer, source, track: receiver.track, receiver })
  },
  /** Binds a video element once, as an app does. */
  show(peer: string) {
    const element = document.createElement('video')
    element.autoplay = true
    element.playsInline = true
    element.srcObject = media.streamOf(peer)
    document.body.append(element)
    screens.set(peer, meter(element))
  },
  frameCount: (peer: string) => screenOf(peer).frames.filter((frame) => frame.isReal).length,
  startMetering(peer: string) {
    const screen = screenOf(peer)
    screen.isMetering = true
    screen.events.length = 0
  },
  prefer: (connection: string) => media.prefer(connection),
  drop(connection: string, peers: readonly string[]) {
    media.dropConnection(connection)
    for (const peer of peers) mediaPage.kill(peer, connection)
  },
  /** Closes both ends: nothing arrives any more. */
  kill(peer: string, connection: string) {
    const pair = pairs.get(`${connection}/${peer}`)
    pair?.sender.close()
    pair?.receiver.close()
  },
  /** Stops the sending end only, as a killed server would. */
  silence: (peer: string, connection: string) => pairs.get(`${connection}/${peer}`)?.sender.close(),
  async concealed(peer: string, connection: string): Promise<number> {
    const report = await pairs.get(`${connection}/${peer}`)?.audio.getStats()
    let samples = 0
    report?.forEach((entry) => {
      if (entry.type === 'inbound-rtp') samples = entry.concealedSamples
    })
    return samples / 48
  },
  tracks: (peer: string) =>
    media
      .streamOf(peer)
      .getTracks()
      .map((track) => track.kind)
      .sort(),
  isStable: (peer: string) => screenOf(peer).element.srcObject === media.streamOf(peer),
  isFlowing: (connection: string, peer: string) =>
    media.isFlowing(connection, new Map([[peer, ['camera', 'microphone']]])),
  connectionOf: (peer: string) => media.connectionOf(peer),
  look: () => media.look(),
  flips: () => flips,
  changes: () => changes,
  now: () => performance.now(),
  /** Frame gaps of a peer's element between two moments, and what went wrong there. */
  reading(peer: string, fromMs: number, toMs: number) {
    const screen = screenOf(peer)
    const real = screen.frames.filter((frame) => frame.isReal)
    const gaps: number[] = []
    for (let index = 1; index < real.length; index += 1) {
      const [before, after] = [real[index - 1], real[index]]
      if (before && after && after.atMs > fromMs && before.atMs < toMs) gaps.push(after.atMs - before.atMs)
    }
    return {
      gaps,
      black: screen.blackPaints + real.filter((frame) => frame.light < BLACK && frame.atMs > fromMs).length,
      events: [...screen.events],
      isPaused: screen.element.paused,
    }
  },
  /** From now on no frame callbacks, as in a hidden tab. */
  hideFrames() {
    HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0
  },
  waitFor,
}
export type MediaPage = typeof mediaPage
Object.assign(globalThis, { mediaPage })

/** The fake camera's picture is green and far from black; a black tile reads 0. */
const BLACK = 8

function screenOf(peer: string): Screen {
  const screen = screens.get(peer)
  if (!screen) throw new Error(`no screen of ${peer}`)
  return screen
}

function meter(element: HTMLVideoElement): Screen {
  const screen: Screen = { element, frames: [], events: [], blackPaints: 0, isMetering: false }
  for (const name of ['pause', 'waiting', 'stalled', 'ended', 'emptied'])
    element.addEventListener(name, () => screen.events.push(name))
  const light = lightMeter(element)
  const onFrame: VideoFrameRequestCallback = (atMs, frame) => {
    screen.frames.push({ atMs, isReal: frame.rtpTimestamp !== undefined, light: light() })
    element.requestVideoFrameCallback(onFrame)
  }
  element.requestVideoFrameCallback(onFrame)
  const onPaint = (): void => {
    if (screen.isMetering && light() < BLACK) screen.blackPaints += 1
    requestAnimationFrame(onPaint)
  }
  requestAnimationFrame(onPaint)
  return screen
}

function lightMeter(element: HTMLVideoElement): () => number {
  const canvas = document.createElement('canvas')
  canvas.width = 16
  canvas.height = 12
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return () => {
    if (!context) return 255
    context.fillStyle = '#000'
    context.fillRect(0, 0, 16, 12)
    context.drawImage(element, 0, 0, 16, 12)
    const { data } = context.getImageData(0, 0, 16, 12)
    let sum = 0
    for (let index = 0; index < data.length; index += 4)
      sum += (data[index] ?? 0) + (data[index + 1] ?? 0) + (data[index + 2] ?? 0)
    return sum / ((data.length / 4) * 3)
  }
}

async function connectPair(): Promise<Pair> {
  const sender = new RTCPeerConnection()
  const receiver = new RTCPeerConnection()
  sender.onicecandidate = ({ candidate }) => void receiver.addIceCandidate(candidate ?? undefined)
  receiver.onicecandidate = ({ candidate }) => void sender.addIceCandidate(candidate ?? undefined)
  for (const track of camera.getTracks()) sender.addTrack(track.clone(), camera)
  await sender.setLocalDescription()
  await receiver.setRemoteDescription(sender.localDescription as RTCSessionDescription)
  await receiver.setLocalDescription()
  await sender.setRemoteDescription(receiver.localDescription as RTCSessionDescription)
  const find = (kind: string): RTCRtpReceiver => {
    const found = receiver.getReceivers().find((one) => one.track.kind === kind)
    if (!found) throw new Error(`no ${kind}`)
    return found
  }
  return { sender, receiver, video: find('video'), audio: find('audio') }
}
