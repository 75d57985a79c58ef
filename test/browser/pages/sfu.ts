/**
 * A page that speaks WHIP and WHEP by hand, without any of the package's own client code: what the SFU is
 * tested with, and a plain page to measure against.
 */

interface Session {
  readonly pc: RTCPeerConnection
  readonly location: string
  readonly connectedMs: number
}

interface Viewing extends Session {
  readonly video: HTMLVideoElement
  readonly stream: MediaStream
  readonly askedAt: number
  readonly frames: number[]
}

const publications = new Map<string, Session>()
const viewings = new Map<string, Viewing>()
const streams = new Map<string, { isOpen: boolean; events: { name: string; data: unknown }[] }>()

async function offerTo(url: string, pc: RTCPeerConnection): Promise<Session> {
  const startedAt = performance.now()
  await pc.setLocalDescription()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: pc.localDescription?.sdp ?? '',
  })
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
  const connected = new Promise<void>((resolve) => {
    pc.addEventListener('connectionstatechange', () => {
      if (pc.connectionState === 'connected') resolve()
    })
  })
  await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() })
  await connected
  return {
    pc,
    location: new URL(response.headers.get('location') ?? '', url).href,
    connectedMs: performance.now() - startedAt,
  }
}

function camera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 320, height: 240, frameRate: 15 },
  })
}

const api = {
  /** Publishes; `isWarm` offers senders without tracks. Resolves to the milliseconds until connected. */
  async publish(key: string, url: string, isWarm = false): Promise<number> {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
    const media = isWarm ? null : await camera()
    for (const kind of ['audio', 'video'] as const)
      pc.addTransceiver(media?.getTracks().find((track) => track.kind === kind) ?? kind, {
        direction: 'sendonly',
      })
    const session = await offerTo(url, pc)
    publications.set(key, session)
    return session.connectedMs
  },

  /** Gives a warm publication its tracks. */
  async start(key: string): Promise<void> {
    const media = await camera()
    for (const transceiver of publications.get(key)?.pc.getTransceivers() ?? []) {
      const kind = transceiver.receiver.track.kind
      await transceiver.sender.replaceTrack(media.getTracks().find((track) => track.kind === kind) ?? null)
    }
  },

  /** Subscribes; resolves to the milliseconds until connected. */
  async subscribe(key: string, url: string): Promise<number> {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
    const stream = new MediaStream()
    for (const kind of ['audio', 'video'] as const)
      stream.addTrack(pc.addTransceiver(kind, { direction: 'recvonly' }).receiver.track)
    const video = document.createElement('video')
    video.muted = true
    video.autoplay = true
    video.playsInline = true
    video.srcObject = stream
    document.body.append(video)
    const frames: number[] = []
    const count: VideoFrameRequestCallback = (now, metadata) => {
      // A frame without an RTP timestamp is one that the element repeats, not one that arrived.
      if (metadata.rtpTimestamp !== undefined) frames.push(now)
      video.requestVideoFrameCallback(count)
    }
    video.requestVideoFrameCallback(count)
    const askedAt = performance.now()
    const session = await offerTo(url, pc)
    viewings.set(key, { ...session, video, stream, askedAt, frames })
    return session.connectedMs
  },

  frames: (key: string): number => viewings.get(key)?.frames.length ?? 0,

  /** Milliseconds from the subscription request to the first presented frame; null before that. */
  firstFrameMs(key: string): number | null {
    const viewing = viewings.get(key)
    const first = viewing?.frames[0]
    return viewing && first !== undefined ? first - viewing.askedAt : null
  },

  /** Milliseconds since the last frame was presented. */
  sinceLastFrameMs: (key: string): number =>
    performance.now() - (viewings.get(key)?.frames.at(-1) ?? Number.NaN),

  /** Longest time between two frames, in milliseconds. */
  longestGapMs(key: string): number {
    const frames = viewings.get(key)?.frames ?? []
    return frames.slice(1).reduce((longest, at, index) => Math.max(longest, at - (frames[index] ?? at)), 0)
  },

  /** Packets received by kind. */
  async packets(key: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = { audio: 0, video: 0, lost: 0, keyFrames: 0 }
    for (const report of (await viewings.get(key)?.pc.getStats())?.values() ?? []) {
      if (report.type !== 'inbound-rtp') continue
      counts[report.kind] = report.packetsReceived
      counts.lost = (counts.lost ?? 0) + report.packetsLost
      if (report.kind === 'video') counts.keyFrames = report.keyFramesDecoded
    }
    return counts
  },

  /** How long ago the picture that is shown was taken, less the same of the sound; NaN until both are known. */
  async pictureBehindMs(key: string): Promise<number> {
    const playedMs: Record<string, number> = {}
    for (const report of (await viewings.get(key)?.pc.getStats())?.values() ?? [])
      if (report.type === 'inbound-rtp') playedMs[report.kind] = report.estimatedPlayoutTimestamp || Number.NaN
    return (playedMs.audio ?? Number.NaN) - (playedMs.video ?? Number.NaN)
  },

  /** Ends a session politely. */
  async end(key: string): Promise<number> {
    const session = publications.get(key) ?? viewings.get(key)
    if (!session) return 0
    const response = await fetch(session.location, { method: 'DELETE' })
    session.pc.close()
    return response.status
  },

  /** Closes a connection without telling the server. */
  drop(key: string): void {
    publications.get(key)?.pc.close()
    viewings.get(key)?.pc.close()
  },

  /** Listens to a room's events. */
  listen(key: string, url: string, carrier: 'sse' | 'websocket'): void {
    const stream: { isOpen: boolean; events: { name: string; data: unknown }[] } = { isOpen: false, events: [] }
    streams.set(key, stream)
    const source: EventTarget =
      carrier === 'sse' ? new EventSource(url) : new WebSocket(url.replace(/^http/, 'ws'))
    source.addEventListener('open', () => {
      stream.isOpen = true
    })
    for (const ending of ['error', 'close'])
      source.addEventListener(ending, () => {
        stream.isOpen = false
      })
    for (const name of ['publishers', 'published', 'unpublished', 'heartbeat'])
      source.addEventListener(name, (event) => {
        stream.events.push({ name, data: JSON.parse((event as MessageEvent<string>).data) })
      })
    source.addEventListener('message', (event) => {
      const { event: name, data } = JSON.parse((event as MessageEvent<string>).data)
      stream.events.push({ name, data })
    })
  },

  isListening: (key: string): boolean => streams.get(key)?.isOpen ?? false,

  heard: (key: string, name: string): number =>
    streams.get(key)?.events.filter((event) => event.name === name).length ?? 0,
}

/** What tests call through `page.evaluate`. */
export type SfuPage = typeof api

declare global {
  interface Window {
    sfu: SfuPage
  }
}

window.sfu = api
