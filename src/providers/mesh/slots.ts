/**
 * The media sections of one peer connection: one two-way transceiver per source, made once and never removed.
 * Publishing, withdrawing and replacing are `replaceTrack` on it, so they need no renegotiation, keep the
 * remote track's identity, and avoid simple-peer's refusal to add a removed track again. Camera and
 * microphone are negotiated from the start, even without tracks: a warm standby goes live at once.
 */
import type { TrackSource } from '../provider.js'
import type { Layout } from './wire.js'

/** What shall be sent in a slot. */
export interface WantedTrack {
  readonly track: MediaStreamTrack
  readonly maxBps: number | null
}

/** Options of {@link createSlots}. */
export interface SlotsOptions {
  readonly pc: RTCPeerConnection
  /** Only the initiator makes sections; the other side takes them over from the offer. */
  readonly isInitiator: boolean
  /** A section was added: an offer is due. */
  readonly negotiate: () => void
  /** Asks the initiator for a section. */
  readonly need: (source: TrackSource) => void
}

/** The slots of one peer connection. */
export interface Slots {
  /** For the offer: which source travels in which section. */
  layout(): Layout
  /** Answering side: takes over the sections of an offer; call it before answering. */
  adopt(layout: Layout): void
  /** Makes sure that a section for the source exists, or asks for it. */
  ensure(source: TrackSource): void
  /** Afterwards exactly these are sent. */
  publish(wanted: ReadonlyMap<TrackSource, WantedTrack>): Promise<void>
  /** The receiving half of a source, once negotiated. */
  receiverOf(source: TrackSource): RTCRtpReceiver | null
  /** Has the encoder of a source make a key frame; nothing where the browser cannot or nothing is sent. */
  forceKeyFrame(source: TrackSource): Promise<void>
}

const STARTING_SOURCES: readonly TrackSource[] = ['microphone', 'camera']

/** Sources of one stream are played in sync by the receiver. */
const streamNameOf = (source: TrackSource): 'person' | 'screen' =>
  source === 'camera' || source === 'microphone' ? 'person' : 'screen'

const kindOf = (source: TrackSource): 'audio' | 'video' =>
  source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video'

/** Makes the slots; the initiator's first two before the first offer is created. */
export function createSlots(options: SlotsOptions): Slots {
  const { pc, isInitiator } = options
  const transceivers = new Map<TrackSource, RTCRtpTransceiver>()
  const streams = { person: new MediaStream(), screen: new MediaStream() }
  let wanted: ReadonlyMap<TrackSource, WantedTrack> = new Map()
  const sending = new Map<TrackSource, MediaStreamTrack | null>()
  const filling = new Map<TrackSource, Promise<void>>()
  const asked = new Set<TrackSource>()

  const add = (source: TrackSource): void => {
    const streamsOfSource = [streams[streamNameOf(source)]]
    const transceiver = pc.addTransceiver(kindOf(source), { direction: 'sendrecv', streams: streamsOfSource })
    transceivers.set(source, transceiver)
  }

  // One after the other per source, because parameters read before another change are refused when set.
  const fill = (source: TrackSource, transceiver: RTCRtpTransceiver): Promise<void> => {
    const task = (filling.get(source) ?? Promise.resolve()).then(async () => {
      const want = wanted.get(source)
      const track = want?.track ?? null
      if ((sending.get(source) ?? null) !== track) {
        await transceiver.sender.replaceTrack(track)
        sending.set(source, track)
      }
      if (want) await capSender(transceiver.sender, want.maxBps)
    })
    const settled = task.catch(ignoreClosed)
    filling.set(source, settled)
    return settled
  }

  const ensure = (source: TrackSource): void => {
    if (transceivers.has(source)) return
    if (isInitiator) {
      add(source)
      options.negotiate()
    } else if (!asked.has(source)) {
      asked.add(source)
      options.need(source)
    }
  }

  if (isInitiator) for (const source of STARTING_SOURCES) add(source)

  return {
    layout: () => [...transceivers].flatMap(([source, { mid }]) => (mid === null ? [] : [[mid, source]])),
    adopt(layout) {
      for (const [mid, source] of layout) {
        const transceiver = pc.getTransceivers().find((candidate) => candidate.mid === mid)
        if (!transceiver || transceivers.has(source)) continue
        if (transceiver.receiver.track.kind !== kindOf(source)) continue
        transceiver.direction = 'sendrecv'
        // Not in every browser; without it sound and picture are merely not tied together.
        transceiver.sender.setStreams?.(streams[streamNameOf(source)])
        transceivers.set(source, transceiver)
        asked.delete(source)
        void fill(source, transceiver)
      }
    },
    ensure,
    async publish(next) {
      wanted = next
      for (const source of wanted.keys()) ensure(source)
      await Promise.all([...transceivers].map(([source, transceiver]) => fill(source, transceiver)))
    },
    receiverOf(source) {
      const transceiver = transceivers.get(source)
      return transceiver && transceiver.mid !== null ? transceiver.receiver : null
    },
    async forceKeyFrame(source) {
      const sender = transceivers.get(source)?.sender
      if (sender?.track && kindOf(source) === 'video') await forceKeyFrameOf(sender)
    },
  }
}

async function forceKeyFrameOf(sender: RTCRtpSender): Promise<void> {
  const parameters = sender.getParameters()
  const encodingOptions = parameters.encodings.map(() => ({ keyFrame: true }))
  // The second argument (WebRTC extensions) is missing in TypeScript's library; old browsers ignore it.
  const setParameters = sender.setParameters.bind(sender) as (
    parameters: RTCRtpSendParameters,
    options: { readonly encodingOptions: readonly { readonly keyFrame: boolean }[] },
  ) => Promise<void>
  await setParameters(parameters, { encodingOptions }).catch(ignoreClosed)
}

async function capSender(sender: RTCRtpSender, maxBps: number | null): Promise<void> {
  const parameters = sender.getParameters()
  const encoding = parameters.encodings[0]
  // Before the first answer there is nothing to cap; publishing again after connecting comes back here.
  if (!encoding || (encoding.maxBitrate ?? null) === maxBps) return
  if (maxBps === null) delete encoding.maxBitrate
  else encoding.maxBitrate = maxBps
  await sender.setParameters(parameters)
}

function ignoreClosed(): void {
  // A link that was closed meanwhile has nothing to send; the next attempt publishes afresh.
}
