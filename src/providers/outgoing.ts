/**
 * The sending half of one peer connection: one m-line per source, with or without a track. An m-line that is
 * negotiated without a track is a warm standby: publishing later is `replaceTrack` alone, no renegotiation.
 * Tracks are never stopped, muted or constrained here.
 */
import type { LocalTrack, TrackSource } from './provider.js'

/** Caps by source that outlive one peer connection. */
export type SendCaps = ReadonlyMap<TrackSource, number>

/** The sending m-lines of one peer connection. */
export interface Outgoing {
  /** In m-line order. */
  readonly sources: readonly TrackSource[]
  /** Sources that have a track now. */
  readonly active: readonly TrackSource[]
  /** The negotiated mid of a source. */
  midOf(source: TrackSource): string | null
  /** Adds the m-line of one more source, if it is missing; the caller negotiates. */
  add(source: TrackSource): void
  /** Afterwards exactly these tracks are sent; sources without an m-line are the caller's to rule out. */
  set(tracks: readonly LocalTrack[]): Promise<void>
  /** Applies the caps again after they changed. */
  refreshCaps(): Promise<void>
  /** Makes the encoder of a source send a key frame; a source that is not sent has none to make. */
  requestKeyFrame(source: string): Promise<void>
}

/** The media kind of a source. */
export function kindOf(source: TrackSource): 'audio' | 'video' {
  return source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video'
}

/** Adds sending m-lines without tracks, for a peer connection that is made before it is needed. */
export function addSilent(pc: RTCPeerConnection, sources: readonly TrackSource[]): void {
  // One stream for all: receivers keep audio and video of one stream in step.
  const streams = [new MediaStream()]
  for (const source of sources)
    pc.addTransceiver(kindOf(source), { direction: 'sendonly', streams, sendEncodings: [{}] })
}

/** Adds the m-lines to a fresh peer connection, with the tracks given; takes over those of {@link addSilent}. */
export function addOutgoing(
  pc: RTCPeerConnection,
  sources: readonly TrackSource[],
  tracks: readonly LocalTrack[],
  caps: SendCaps,
): Outgoing {
  const bySource = new Map(tracks.map((track) => [track.source, track]))
  // One stream for all: receivers keep audio and video of one stream in step.
  const stream = new MediaStream()
  const slots = new Map<TrackSource, RTCRtpTransceiver>()
  const limit = (source: TrackSource): number | null => limitOf(bySource.get(source), caps.get(source))

  const add = (source: TrackSource): void => {
    if (slots.has(source)) return
    const maxBitrate = limit(source)
    slots.set(
      source,
      pc.addTransceiver(bySource.get(source)?.track ?? kindOf(source), {
        direction: 'sendonly',
        streams: [stream],
        sendEncodings: [maxBitrate === null ? {} : { maxBitrate }],
      }),
    )
  }
  const update = async ([source, { sender }]: [TrackSource, RTCRtpTransceiver]): Promise<void> => {
    const track = bySource.get(source)?.track ?? null
    if (sender.track !== track) await sender.replaceTrack(track)
    if (track) await setMaxBitrate(sender, limit(source))
  }
  /** A silent m-line has no limit yet, and asking a sender for its parameters waits for the threads of media. */
  const adopt = async (slot: [TrackSource, RTCRtpTransceiver]): Promise<void> => {
    const [source, { sender }] = slot
    if (limit(source) !== null) return update(slot)
    await sender.replaceTrack(bySource.get(source)?.track ?? null)
  }
  const silent = pc.getTransceivers()
  sources.forEach((source, index) => {
    const transceiver = silent[index]
    if (transceiver === undefined) add(source)
    else slots.set(source, transceiver)
  })
  // Closed meanwhile, or the device has gone: whoever negotiates hears of it.
  if (silent.length > 0) void Promise.all([...slots].map(adopt)).catch(() => undefined)

  return {
    get sources() {
      return [...slots.keys()]
    },
    get active() {
      return [...slots].flatMap(([source, { sender }]) => (sender.track ? [source] : []))
    },
    midOf: (source) => slots.get(source)?.mid ?? null,
    add,
    async set(next) {
      bySource.clear()
      for (const local of next) bySource.set(local.source, local)
      await Promise.all([...slots].map(update))
    },
    async refreshCaps() {
      await Promise.all([...slots].map(([source, { sender }]) => setMaxBitrate(sender, limit(source))))
    },
    async requestKeyFrame(source) {
      const sender = slots.get(source as TrackSource)?.sender
      if (sender?.track?.kind === 'video') await forceKeyFrame(sender)
    },
  }
}

function limitOf(local: LocalTrack | undefined, cap: number | undefined): number | null {
  const limits = [local?.maxBitrateBps, cap].filter((limit) => limit !== undefined)
  return limits.length === 0 ? null : Math.min(...limits)
}

async function setMaxBitrate(sender: RTCRtpSender, maxBps: number | null): Promise<void> {
  const parameters = sender.getParameters()
  const encoding = parameters.encodings[0]
  if (!encoding || (encoding.maxBitrate ?? null) === maxBps) return
  if (maxBps === null) delete encoding.maxBitrate
  else encoding.maxBitrate = maxBps
  await sender.setParameters(parameters)
}

async function forceKeyFrame(sender: RTCRtpSender): Promise<void> {
  const parameters = sender.getParameters()
  // WebRTC Extensions, "RTCSetParameterOptions": one entry per encoding asks for a key frame. The DOM types lag.
  const options = { encodingOptions: parameters.encodings.map(() => ({ keyFrame: true })) }
  const setParameters = sender.setParameters.bind(sender) as (
    parameters: RTCRtpSendParameters,
    options: object,
  ) => Promise<void>
  await setParameters(parameters, options)
}
