/**
 * Which codecs an encoder of ours could use, and the change from one to another: of those that were negotiated at the
 * start any may be used, without negotiating again (WebRTC Extensions, `codec` of an encoding).
 */
import type { LocalTrack, TrackSource } from '../providers/provider.js'
import { tune, videoSendersOf } from './senders.js'
import type { HandsWorld, LiveConnection } from './world.js'

/** Carried beside pictures, and no picture by themselves. */
const NO_PICTURE = /\/(?:rtx|red|ulpfec|flexfec-03)$/i

/** `codec` is newer than the DOM types of TypeScript. */
interface Encoding extends RTCRtpEncodingParameters {
  codec?: RTCRtpCodec
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

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
