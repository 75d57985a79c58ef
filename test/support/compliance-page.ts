/**
 * The compliance suite inside a page, with real tracks: coloured canvases and tones as sources, frames and
 * sound judged on arrival, peer connections and sockets counted.
 *
 * An adapter plugs in with a page of its own and a spec of a few lines:
 *
 * ```ts
 * // test/support/whip-page.ts
 * servePageCompliance((config, faults) => ({
 *   title: 'whip', provider: (peer, id) => whip({ id: id ?? 'east', url: config.url }),
 *   ...pageSetup(), faults: { kill: () => faults.call('kill'), revive: () => faults.call('revive') },
 * }))
 * // test/browser/compliance-whip.spec.ts
 * complianceSpec({ title: 'whip', page: 'test/support/whip-page.ts',
 *   start: async () => ({ config: { url }, faults: { kill, revive }, stop }) })
 * ```
 */
import type { LocalTrack, RemoteTrack, TrackSource } from '../../src/providers/provider.js'
import {
  type CheckResult,
  type ComplianceMedia,
  type ComplianceSetup,
  providerCompliance,
  runCheck,
} from '../../src/testing/index.js'

/** What the spec hands to the page; plain JSON. */
export type PageConfig = Readonly<Record<string, string>>

/** Faults that are carried out in Node. */
export interface PageFaults {
  /** Runs the spec's fault of this name; resolves to what it returned. */
  call(name: string): Promise<string>
}

declare global {
  interface Window {
    /** Runs one check by id. */
    runComplianceCheck?: (id: string, config: PageConfig) => Promise<CheckResult>
    /** Given by the spec. */
    complianceFault?: (name: string) => Promise<string>
  }
}

/** Makes the page able to run checks when the spec asks. Call it once, at the top of the page's entry. */
export function servePageCompliance(
  setupOf: (config: PageConfig, faults: PageFaults) => ComplianceSetup,
): void {
  const faults: PageFaults = {
    call: (name) => window.complianceFault?.(name) ?? Promise.reject(new Error(`no fault ${name}`)),
  }
  window.runComplianceCheck = async (id, config) => {
    const check = providerCompliance.find((candidate) => candidate.id === id)
    if (!check) throw new Error(`no check ${id}`)
    return runCheck(check, setupOf(config, faults))
  }
}

/** The parts of a setup that every page shares: media, and a count of what is open. */
export function pageSetup(): Required<Pick<ComplianceSetup, 'media' | 'openResources' | 'reset'>> {
  const stops: (() => void)[] = []
  return {
    media: pageMedia(stops),
    openResources: () => open.size,
    reset() {
      for (const stop of stops.splice(0)) stop()
    },
  }
}

/** Peer connections and sockets opened since the page was loaded and not closed yet. */
const open = new Set<object>()

/** Marker n is drawn as the colour whose red, green and blue bits spell n + 1: neither black nor white. */
const bitsOf = (marker: number): number => marker + 1

/** 15 frames a second are enough to see flow and cheap for six canvases. */
const FRAME_INTERVAL_MS = 66

/** Two frames of the right colour are no coincidence. */
const FRAMES_WANTED = 2

countOpen()

function countOpen(): void {
  const NativeConnection = window.RTCPeerConnection
  window.RTCPeerConnection = new Proxy(NativeConnection, {
    construct(target, args: [RTCConfiguration?]) {
      const pc = new target(...args)
      const close = pc.close.bind(pc)
      open.add(pc)
      pc.close = () => {
        open.delete(pc)
        close()
      }
      return pc
    },
  })
  const NativeSocket = window.WebSocket
  window.WebSocket = new Proxy(NativeSocket, {
    construct(target, args: [string, string[]?]) {
      const socket = new target(...args)
      open.add(socket)
      socket.addEventListener('close', () => open.delete(socket))
      return socket
    },
  })
}

function pageMedia(stops: (() => void)[]): ComplianceMedia {
  return {
    createTrack(source, marker) {
      const isAudio = source === 'microphone' || source === 'screen-audio'
      const { track, stop } = isAudio ? toneTrack() : colourTrack(marker)
      stops.push(stop)
      return { track, source } satisfies LocalTrack & { source: TrackSource }
    },
    isFlowing: (remote, marker, limitMs) =>
      remote.track.kind === 'audio' ? isSounding(remote, limitMs) : isShowing(remote, marker, limitMs),
  }
}

function colourTrack(marker: number): { track: MediaStreamTrack; stop: () => void } {
  const canvas = document.createElement('canvas')
  canvas.width = 160
  canvas.height = 120
  const context = canvas.getContext('2d')
  let count = 0
  const draw = (): void => {
    if (!context) return
    const bits = bitsOf(marker)
    context.fillStyle = `rgb(${bits & 4 ? 255 : 0}, ${bits & 2 ? 255 : 0}, ${bits & 1 ? 255 : 0})`
    context.fillRect(0, 0, canvas.width, canvas.height)
    // A moving mark in the corner, so that every frame differs and is really sent.
    count += 1
    context.fillStyle = 'gray'
    context.fillRect(count % canvas.width, 0, 8, 8)
  }
  draw()
  const timer = setInterval(draw, FRAME_INTERVAL_MS)
  const track = canvas.captureStream(15).getVideoTracks()[0]
  if (!track) throw new Error('the canvas gives no track')
  return {
    track,
    stop() {
      clearInterval(timer)
      track.stop()
    },
  }
}

function toneTrack(): { track: MediaStreamTrack; stop: () => void } {
  const context = new AudioContext()
  const oscillator = context.createOscillator()
  const target = context.createMediaStreamDestination()
  oscillator.connect(target)
  oscillator.start()
  const track = target.stream.getAudioTracks()[0]
  if (!track) throw new Error('the oscillator gives no track')
  return {
    track,
    stop() {
      track.stop()
      void context.close()
    },
  }
}

async function isShowing(remote: RemoteTrack, marker: number, limitMs: number): Promise<boolean> {
  const video = document.createElement('video')
  video.muted = true
  video.srcObject = new MediaStream([remote.track])
  document.body.append(video)
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const context = canvas.getContext('2d', { willReadFrequently: true })
  void video.play().catch(() => undefined)
  try {
    return await new Promise<boolean>((resolve) => {
      let seen = 0
      const timer = setTimeout(() => resolve(false), limitMs)
      const look = (): void => {
        context?.drawImage(video, 60, 50, 40, 40, 0, 0, 1, 1)
        const [red = 0, green = 0, blue = 0] = context?.getImageData(0, 0, 1, 1).data ?? []
        const bits = (red > 127 ? 4 : 0) + (green > 127 ? 2 : 0) + (blue > 127 ? 1 : 0)
        if (bits === bitsOf(marker)) seen += 1
        if (seen >= FRAMES_WANTED) {
          clearTimeout(timer)
          resolve(true)
        } else video.requestVideoFrameCallback(look)
      }
      video.requestVideoFrameCallback(look)
    })
  } finally {
    video.srcObject = null
    video.remove()
  }
}

async function isSounding(remote: RemoteTrack, limitMs: number): Promise<boolean> {
  // Chromium decodes a remote track for Web Audio only while an element plays it too.
  const element = new Audio()
  element.muted = true
  element.srcObject = new MediaStream([remote.track])
  void element.play().catch(() => undefined)
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  context.createMediaStreamSource(new MediaStream([remote.track])).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const deadlineMs = performance.now() + limitMs
  try {
    while (performance.now() < deadlineMs) {
      analyser.getFloatTimeDomainData(samples)
      if (samples.some((sample) => Math.abs(sample) > 0.01)) return true
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
    return false
  } finally {
    element.srcObject = null
    await context.close()
  }
}
