/**
 * The page of suite `recovery`: the call page of the tests and a look at everything that its person would notice:
 * moving pictures of the right colour, sound that is no filling, both in step and not late.
 */
import { setCamera } from '../../test/support/call-page.js'
import { openLightCamera, withLongAudioPackets } from './light-media.js'

/** What arrives of one participant. */
export interface Arrival {
  readonly peer: string
  readonly state: string
  /** Frames shown in the last second. */
  readonly fps: number
  /** Share of the sound since the last look that was not made up; 0 without a track. */
  readonly audible: number
  /** The middle of the picture has the colour of its sender. */
  readonly isRight: boolean
  /** Sound and picture apart. */
  readonly apartMs: number
  /** The longer of the stays in the two jitter buffers since the last look. */
  readonly bufferMs: number
}

/** One look at a page. */
export interface Look {
  readonly id: string
  readonly atMs: number
  readonly state: string
  readonly provider: string | null
  readonly lineage: string | null
  readonly epoch: number | null
  readonly muted: readonly string[]
  readonly arrivals: readonly Arrival[]
  readonly alerts: readonly {
    readonly id: number
    readonly kind: string
    readonly severity: string
    readonly culprit: string
    /** Whom it is about; null where it is not about another person. */
    readonly about: string | null
  }[]
  /** Incidents that are open and what is done about them. */
  readonly active: readonly { readonly id: string; readonly incident: string; readonly culprit: string }[]
  readonly isRepairing: boolean
  readonly hasControl: boolean
}

setCamera(openLightCamera)
const NativePeerConnection = window.RTCPeerConnection
const pcs = new Set<RTCPeerConnection>()
window.RTCPeerConnection = class extends NativePeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    pcs.add(this)
  }

  override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    return super.setRemoteDescription(withLongAudioPackets(description))
  }

  override close(): void {
    pcs.delete(this)
    super.close()
  }
}

interface Counted {
  readonly samples: number
  readonly made: number
  readonly bufferS: number
  readonly emitted: number
  readonly playoutAtMs: number
}

const counted = new Map<string, Counted>()
const canvas = document.createElement('canvas')
canvas.width = 4
canvas.height = 4
const pixels = canvas.getContext('2d', { willReadFrequently: true })
/** Distance of two colours, of at most 441, that a decoder's rounding and the white patch stay below. */
const COLOUR_TOLERANCE = 90
/** A second back, as people count frames. */
const WINDOW_MS = 1_000
/** Of one line; the rest is of no help. */
const STORY_CHARS = 300
let toldMs = 0

/** Counters of every track that is shown, by track id; connections that carry none of them are not asked. */
async function countTracks(): Promise<Map<string, Counted>> {
  const now = new Map<string, Counted>()
  const shown = new Set(snapshot().peers.flatMap(({ stream }) => stream.getTracks().map(({ id }) => id)))
  const asked = [...pcs].filter((pc) => pc.getReceivers().some(({ track }) => shown.has(track.id)))
  const reports = await Promise.all(asked.map((pc) => pc.getStats()))
  for (const report of reports)
    report.forEach((row) => {
      if (row.type !== 'inbound-rtp') return
      now.set(row.trackIdentifier, {
        samples: row.totalSamplesReceived ?? 0,
        made: row.concealedSamples ?? 0,
        bufferS: row.jitterBufferDelay ?? 0,
        emitted: row.jitterBufferEmittedCount ?? 0,
        playoutAtMs: row.estimatedPlayoutTimestamp ?? Number.NaN,
      })
    })
  return now
}

function bufferMs(id: string, now: Counted): number {
  const before = counted.get(id)
  const emitted = now.emitted - (before?.emitted ?? 0)
  return emitted > 0 ? ((now.bufferS - (before?.bufferS ?? 0)) / emitted) * 1_000 : 0
}

function audible(id: string, now: Counted): number {
  const before = counted.get(id)
  const samples = now.samples - (before?.samples ?? 0)
  return samples > 0 ? 1 - (now.made - (before?.made ?? 0)) / samples : 0
}

function rgbOf(draw: (context: CanvasRenderingContext2D) => void): readonly number[] {
  if (pixels === null) return [0, 0, 0]
  draw(pixels)
  return [...pixels.getImageData(0, 0, 1, 1).data.slice(0, 3)]
}

const wantedColours = new Map<string, readonly number[]>()
/** When a picture was last seen to be the right one; reading it back is most of what a look costs. */
const rightAtMs = new Map<string, number>()
const RIGHT_FOR_MS = 700

const hueOf = (id: string): number => [...id].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 360

function isRight(peer: string): boolean {
  const nowMs = performance.now()
  if (nowMs - (rightAtMs.get(peer) ?? Number.NEGATIVE_INFINITY) < RIGHT_FOR_MS) return true
  const isSo = showsRight(peer)
  if (isSo) rightAtMs.set(peer, nowMs)
  return isSo
}

function showsRight(peer: string): boolean {
  const video = document.querySelector<HTMLVideoElement>(`video[data-peer="${peer}"]`)
  if (video === null || video.videoWidth === 0) return false
  const wanted =
    wantedColours.get(peer) ??
    rgbOf((context) => {
      context.fillStyle = `hsl(${hueOf(peer)} 70% 55%)`
      context.fillRect(0, 0, 4, 4)
    })
  wantedColours.set(peer, wanted)
  const shown = rgbOf((context) => context.drawImage(video, 0, 0, 4, 4))
  return Math.hypot(...wanted.map((value, index) => value - (shown[index] ?? 0))) < COLOUR_TOLERANCE
}

/** Frames shown in the last second. */
function fpsOf(peer: string): number {
  const times = window.rig.frames()[peer]?.times ?? []
  const since = window.rig.now() - WINDOW_MS
  return times.length - 1 - times.findLastIndex((time) => time < since)
}

function arrivalOf(
  peer: ReturnType<typeof snapshot>['peers'][number],
  now: ReadonlyMap<string, Counted>,
): Arrival {
  const sound = peer.stream.getAudioTracks()[0]?.id ?? ''
  const picture = peer.stream.getVideoTracks()[0]?.id ?? ''
  const [heard, seen] = [now.get(sound), now.get(picture)]
  return {
    peer: peer.id,
    state: peer.state,
    fps: fpsOf(peer.id),
    audible: heard ? audible(sound, heard) : 0,
    isRight: isRight(peer.id),
    apartMs: heard && seen ? Math.abs(heard.playoutAtMs - seen.playoutAtMs) || 0 : 0,
    bufferMs: Math.max(heard ? bufferMs(sound, heard) : 0, seen ? bufferMs(picture, seen) : 0),
  }
}

const snapshot = () => window.rig.call.getSnapshot()

const watch = {
  async look(): Promise<Look> {
    const now = await countTracks()
    const { me, state, provider, agreement, peers, health, recovery, links } = snapshot()
    const arrivals = peers.map((peer) => arrivalOf(peer, now))
    counted.clear()
    for (const [id, one] of now) counted.set(id, one)
    return {
      id: me.id,
      atMs: window.rig.now(),
      state,
      provider,
      lineage: agreement.lineage,
      epoch: agreement.epoch,
      muted: me.muted,
      arrivals,
      alerts: health.alerts.map(({ id, kind, severity, blame, about }) => ({
        ...{ id, kind, severity, culprit: blame.culprit },
        about: about.type === 'peer' ? about.id : null,
      })),
      active: recovery.active.map(({ id, incident, culprit }) => ({ id, incident, culprit })),
      isRepairing: recovery.state !== 'idle',
      // A data channel of a mesh stays open while nothing comes through it.
      hasControl: links.some(
        ({ state, paths }) =>
          state === 'connected' && (paths.length === 0 || paths.some((path) => path.state === 'live')),
      ),
    }
  },
  /**
   * Whether everybody else is seen moving, on `provider` where one is named. Asks the browser for nothing: people who
   * wait for a call look at it many times a second, and its pages shall have the machine.
   */
  seesAll(others: number, movingFps: number, provider?: string): boolean {
    const { peers, provider: here } = snapshot()
    const isThere = provider === undefined || here === provider
    return isThere && peers.length === others && peers.every(({ id }) => fpsOf(id) >= movingFps)
  },
  /** When the last gap in any picture ended that began or lasted after `sinceMs`; null: there was none. */
  lastGapEndMs(sinceMs: number, gapMs: number): number | null {
    const ends = Object.values(window.rig.frames()).flatMap(({ times }) =>
      times.filter((time, index) => time > sinceMs && time - (times[index - 1] ?? time) > gapMs),
    )
    return ends.length > 0 ? Math.max(...ends) : null
  },
  /** Leaves the call; the page is as new. */
  async stop(): Promise<void> {
    await window.rig.stop()
    for (const pc of [...pcs]) pc.close()
    counted.clear()
    rightAtMs.clear()
    toldMs = window.rig.now()
  },
  /** Timeline and moments since the last call of this, in words. */
  story(): readonly string[] {
    const lines = [
      ...snapshot().timeline.map(({ atMs, text, why }) => ({ atMs, text: `${text} ${why ?? ''}` })),
      ...window.rig
        .moments()
        .map(({ atMs, name, detail }) => ({ atMs, text: `${name} ${JSON.stringify(detail)}` })),
    ].filter(({ atMs }) => atMs > toldMs)
    toldMs = window.rig.now()
    return lines
      .sort((one, other) => one.atMs - other.atMs)
      .map(({ atMs, text }) => `${(atMs % 100_000).toFixed(0)} ${text.slice(0, STORY_CHARS)}`)
  },
  /** Of these incidents and attempts, how many are explained completely. */
  async explained(ids: readonly string[]): Promise<number> {
    const rows = await Promise.all(ids.map((id) => window.rig.call.recovery.explain(id)))
    return rows.filter(
      (row) =>
        row &&
        [row.key, row.summary, row.cause, row.why, row.userAction, row.severity].every((text) => text !== ''),
    ).length
  },
}

/** What the suite calls. */
export type Watch = typeof watch

declare global {
  interface Window {
    watch: Watch
  }
}

window.watch = watch
