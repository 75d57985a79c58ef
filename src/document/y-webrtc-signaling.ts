/**
 * The messages that set up data channels, checked. They travel on the room's bus as kind `rtc`: sealed, stamped,
 * without repeats and over every signaling server, none of which y-webrtc's own socket does.
 */
import * as v from 'valibot'

/** What another page says about connections. */
export type RtcMessage =
  | { readonly type: 'announce'; readonly linked: string[]; readonly trying: string[] }
  | {
      readonly type: 'signal'
      readonly attempt: string
      readonly signal:
        | { readonly type: 'offer' | 'answer'; readonly sdp: string }
        | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit }
    }

/** Null for anything else. */
export function parseRtcMessage(value: unknown): RtcMessage | null {
  const parsed = v.safeParse(MESSAGE, value)
  return parsed.success ? (parsed.output as RtcMessage) : null
}

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
/** More pages than a mesh can have. */
const ids = v.pipe(v.array(id), v.maxLength(64))
/** A description with data channels only has about 0.5 kB; anything larger than this is none. */
const sdp = v.pipe(v.string(), v.maxLength(32 * 1024))
const CANDIDATE = v.object({
  candidate: v.pipe(v.string(), v.maxLength(2048)),
  sdpMLineIndex: v.optional(v.nullable(v.number())),
  sdpMid: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(64)))),
})
const MESSAGE = v.variant('type', [
  v.object({ type: v.literal('announce'), linked: ids, trying: ids }),
  v.object({
    type: v.literal('signal'),
    attempt: id,
    signal: v.variant('type', [
      v.object({ type: v.picklist(['offer', 'answer']), sdp }),
      v.object({ type: v.literal('candidate'), candidate: CANDIDATE }),
    ]),
  }),
])
