/**
 * Another codec for a picture: for a decoder that chokes on one, or an encoder that is too slow for it. The codecs
 * were all negotiated at the start, so the encoder is only told which to use (WebRTC Extensions, `codec` of an
 * encoding); a server that negotiated one leaves no choice.
 */
import type { LocalTrack, TrackSource } from '../providers/provider.js'
import { ask } from './asks.js'
import { DONE, type Hand, type HandContext, refuse } from './hand.js'
import { tune, videoSendersOf } from './senders.js'
import type { HandsWorld, LiveConnection } from './world.js'

/** Carried beside pictures, and no picture by themselves. */
const NO_PICTURE = /\/(?:rtx|red|ulpfec|flexfec-03)$/i

/** `codec` is newer than the DOM types of TypeScript. */
interface Encoding extends RTCRtpEncodingParameters {
  codec?: RTCRtpCodec
}

/** Avoids what is in use now; undo lets the browser choose again. */
export const codecChange: Hand = {
  async act(context) {
    const { world, live, target } = context
    if (target.peer !== null) return askPeer(context, await mimeInUse(context))
    const [first] = videoSendersOf(live, world.local.tracks())
    if (first === undefined) return refuse('nothing-sent')
    const avoid = first.sender.getParameters().codecs[0]?.mimeType ?? ''
    const isChanged = await changeCodec(live, first.source, avoid, world)
    return isChanged ? { freshness: 'key-frame' } : refuse('no-codec-choice')
  },
  async undo(context) {
    const { world, live, target } = context
    if (target.peer !== null) askPeer(context, null)
    else
      for (const { source } of videoSendersOf(live, world.local.tracks()))
        await changeCodec(live, source, null, world)
  },
}

/** Has our encoders of a source use another codec than `avoid`; null: what the browser prefers. */
export async function changeCodec(
  live: LiveConnection,
  source: TrackSource,
  avoid: string | null,
  { local }: { readonly local: { tracks(): readonly LocalTrack[] } },
): Promise<boolean> {
  const senders = videoSendersOf(live, local.tracks()).filter((one) => one.source === source)
  const changed = await Promise.all(
    senders.map(({ sender }) => {
      const other =
        avoid === null ? null : pictureCodecs(sender).find(({ mimeType }) => !isSame(mimeType, avoid))
      if (other === undefined) return false
      return tune(sender, (encoding: Encoding) => {
        if (other === null) delete encoding.codec
        else encoding.codec = other
      })
    }),
  )
  return changed.includes(true)
}

/** Whether there is more than one codec to choose from on a connection. */
export function hasCodecChoice(
  { connection }: LiveConnection,
  peer: string | null,
  world: HandsWorld,
): boolean {
  if (peer !== null)
    return [...connection.tracks.values()].some(
      ({ peer: owner, track, receiver }) =>
        owner === peer &&
        track.kind === 'video' &&
        receiver !== undefined &&
        pictureCodecs(receiver).length > 1,
    )
  return world
    .connections()
    .filter((live) => live.connection === connection)
    .some((live) =>
      videoSendersOf(live, world.local.tracks()).some(({ sender }) => pictureCodecs(sender).length > 1),
    )
}

function pictureCodecs(half: {
  getParameters(): { readonly codecs: readonly RTCRtpCodecParameters[] }
}): readonly RTCRtpCodecParameters[] {
  const { codecs = [] } = half.getParameters()
  const known = new Set<string>()
  return codecs.filter(({ mimeType }) => {
    const name = mimeType.toLowerCase()
    if (NO_PICTURE.test(name) || known.has(name)) return false
    known.add(name)
    return true
  })
}

function askPeer({ world, live, target }: HandContext, avoid: string | null) {
  if (target.peer === null) return DONE
  ask(world, target.peer, { v: 1, type: 'codec', provider: live.provider, source: 'camera', avoid })
  return { freshness: 'key-frame' as const }
}

async function mimeInUse({ live, target }: HandContext): Promise<string> {
  for (const { peer, source, receiver } of live.connection.tracks.values()) {
    if (peer !== target.peer || source !== 'camera' || receiver === undefined) continue
    const report = await receiver.getStats().catch(() => null) // closed: there is no codec in use
    const inbound = [...(report?.values() ?? [])].find(({ type }) => type === 'inbound-rtp')
    const mime: unknown = report?.get(inbound?.codecId ?? '')?.mimeType
    if (typeof mime === 'string') return mime
  }
  return ''
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
