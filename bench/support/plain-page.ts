/**
 * The baseline of the failover suite: what a careful engineer would write by hand for a fixed list of people
 * and two known servers, with nothing to agree on. It publishes by WHIP, subscribes by WHEP, watches the
 * server's event socket, and on its end closes and joins the next server, or shows the second one, already hot.
 * It plays what it shows: the sound as well, as a page in a call does.
 */

interface Leg {
  readonly base: string
  readonly pcs: RTCPeerConnection[]
  readonly tracks: Map<string, MediaStreamTrack[]>
  readonly closed: Promise<void>
}

const frames = new Map<string, number[]>()
const streams = new Map<string, MediaStream>()
const legs: Leg[] = []
let camera: MediaStream | null = null

function showTrack(peer: string, track: MediaStreamTrack): void {
  let stream = streams.get(peer)
  if (stream === undefined) {
    stream = new MediaStream()
    streams.set(peer, stream)
    const times: number[] = []
    frames.set(peer, times)
    const video = document.createElement('video')
    video.muted = true
    video.autoplay = true
    video.playsInline = true
    video.srcObject = stream
    document.body.append(video)
    const count: VideoFrameRequestCallback = (now, metadata) => {
      if (metadata.rtpTimestamp !== undefined) times.push(performance.timeOrigin + now)
      video.requestVideoFrameCallback(count)
    }
    video.requestVideoFrameCallback(count)
  }
  const before = stream.getTracks().find(({ kind }) => kind === track.kind)
  if (before === track) return
  if (before) stream.removeTrack(before)
  stream.addTrack(track)
}

async function negotiate(pc: RTCPeerConnection, url: string): Promise<void> {
  await pc.setLocalDescription()
  for (let tries = 0; ; tries += 1) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: pc.localDescription?.sdp ?? '',
    })
    if (response.ok) return pc.setRemoteDescription({ type: 'answer', sdp: await response.text() })
    if (tries > 60) throw new Error(`${url}: ${response.status}`)
    // The others publish in the same moment: ask again until they do.
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function join(
  base: string,
  room: string,
  me: string,
  others: readonly string[],
  isShown: boolean,
): Promise<Leg> {
  const socket = new WebSocket(`${base.replace('http', 'ws')}/events/${room}`)
  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => resolve()
  })
  const leg: Leg = { base, pcs: [], tracks: new Map(), closed }
  legs.push(leg)
  const publisher = new RTCPeerConnection()
  leg.pcs.push(publisher)
  for (const track of camera?.getTracks() ?? []) publisher.addTransceiver(track, { direction: 'sendonly' })
  const publishing = negotiate(publisher, `${base}/whip/${room}/${me}`)
  const subscribing = others.map((peer) => {
    const pc = new RTCPeerConnection()
    leg.pcs.push(pc)
    pc.addTransceiver('audio', { direction: 'recvonly' })
    pc.addTransceiver('video', { direction: 'recvonly' })
    pc.ontrack = ({ track }) => {
      leg.tracks.set(peer, [...(leg.tracks.get(peer) ?? []), track])
      if (isShown) showTrack(peer, track)
    }
    return negotiate(pc, `${base}/whep/${room}/${peer}`)
  })
  await Promise.all([publishing, ...subscribing])
  return leg
}

const plain = {
  async start(stream: MediaStream): Promise<void> {
    camera = stream
  },
  /** Joins the first server; when it dies, closes and joins the second one. */
  async coldCall(
    bases: readonly [string, string],
    room: string,
    me: string,
    others: readonly string[],
  ): Promise<void> {
    const leg = await join(bases[0], room, me, others, true)
    void leg.closed.then(async () => {
      for (const pc of leg.pcs) pc.close()
      await join(bases[1], room, me, others, true)
    })
  },
  /** Joins both servers; when the first one dies, shows the second one. */
  async hotCall(
    bases: readonly [string, string],
    room: string,
    me: string,
    others: readonly string[],
  ): Promise<void> {
    const leg = await join(bases[0], room, me, others, true)
    const next = await join(bases[1], room, me, others, false)
    void leg.closed.then(() => {
      for (const [peer, tracks] of next.tracks) for (const track of tracks) showTrack(peer, track)
      setTimeout(() => {
        for (const pc of leg.pcs) pc.close()
      }, 500)
    })
  },
  frames: (): Record<string, number[]> => Object.fromEntries(frames),
  end(): void {
    for (const leg of legs.splice(0)) for (const pc of leg.pcs) pc.close()
  },
}

/** Time from nothing to the first frame over a bare pair of peer connections in one page, milliseconds. */
async function barePair(stream: MediaStream): Promise<number> {
  const startedAt = performance.now()
  const a = new RTCPeerConnection()
  const b = new RTCPeerConnection()
  a.onicecandidate = ({ candidate }) => void b.addIceCandidate(candidate ?? undefined)
  b.onicecandidate = ({ candidate }) => void a.addIceCandidate(candidate ?? undefined)
  const video = document.createElement('video')
  video.muted = true
  video.autoplay = true
  document.body.append(video)
  const seen = new Promise<number>((resolve) => {
    video.requestVideoFrameCallback(() => resolve(performance.now() - startedAt))
  })
  b.ontrack = ({ track, streams: [first] }) => {
    if (track.kind === 'video') video.srcObject = first ?? new MediaStream([track])
  }
  for (const track of stream.getTracks()) a.addTrack(track, stream)
  await a.setLocalDescription()
  await b.setRemoteDescription(a.localDescription as RTCSessionDescription)
  await b.setLocalDescription()
  await a.setRemoteDescription(b.localDescription as RTCSessionDescription)
  const tookMs = await seen
  a.close()
  b.close()
  video.remove()
  return tookMs
}

/** What the suite calls on the baseline page. */
export type Plain = typeof plain & { readonly barePair: typeof barePair }

declare global {
  interface Window {
    plain: Plain
  }
}

window.plain = { ...plain, barePair }
