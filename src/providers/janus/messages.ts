/**
 * What Janus sends, as far as it is used, and how it is read: everything from the wire is parsed before use.
 * Display names come from other participants and are parsed apart, because Janus only passes them on.
 */
import * as v from 'valibot'
import { type ErrorCode, HoldfastError } from '../../errors.js'
import type { TrackSource } from '../provider.js'

const TEXT_MAX_CHARS = 256
/** An SDP with 64 m-lines has about 200,000 characters. */
const SDP_MAX_CHARS = 512_000
const LIST_MAX = 256

const idSchema = v.union([v.number(), v.pipe(v.string(), v.maxLength(TEXT_MAX_CHARS))])
const textSchema = v.pipe(v.string(), v.maxLength(TEXT_MAX_CHARS))

const streamSchema = v.object({
  type: textSchema,
  mid: textSchema,
  disabled: v.optional(v.boolean()),
  description: v.optional(textSchema),
})

const publisherSchema = v.object({
  id: idSchema,
  display: v.optional(v.string()),
  streams: v.optional(v.pipe(v.array(streamSchema), v.maxLength(LIST_MAX))),
})

const subscriptionSchema = v.object({
  mid: textSchema,
  active: v.optional(v.boolean()),
  feed_id: v.optional(idSchema),
  feed_mid: v.optional(textSchema),
})

const eventSchema = v.object({
  videoroom: v.optional(textSchema),
  id: v.optional(idSchema),
  private_id: v.optional(v.number()),
  publishers: v.optional(v.pipe(v.array(publisherSchema), v.maxLength(LIST_MAX))),
  streams: v.optional(v.pipe(v.array(v.unknown()), v.maxLength(LIST_MAX))),
  unpublished: v.optional(idSchema),
  leaving: v.optional(idSchema),
  kicked: v.optional(idSchema),
  reason: v.optional(textSchema),
  error_code: v.optional(v.number()),
})

const messageSchema = v.object({
  janus: textSchema,
  transaction: v.optional(textSchema),
  sender: v.optional(v.number()),
  data: v.optional(v.object({ id: v.optional(v.number()) })),
  error: v.optional(v.object({ code: v.number() })),
  reason: v.optional(textSchema),
  plugindata: v.optional(v.object({ data: eventSchema })),
  jsep: v.optional(
    v.object({ type: v.picklist(['offer', 'answer']), sdp: v.pipe(v.string(), v.maxLength(SDP_MAX_CHARS)) }),
  ),
})

const displaySchema = v.object({
  peer: v.pipe(v.string(), v.minLength(1), v.maxLength(TEXT_MAX_CHARS)),
  session: v.pipe(v.string(), v.minLength(1), v.maxLength(TEXT_MAX_CHARS)),
  at: v.number(),
})

/** A message of Janus. */
export type JanusMessage = v.InferOutput<typeof messageSchema>
/** What the videoroom plugin says in it. */
export type RoomEvent = v.InferOutput<typeof eventSchema>
/** Somebody who publishes, as Janus lists it. */
export type PublisherInfo = v.InferOutput<typeof publisherSchema>
/** An m-line of our subscriber's peer connection, as Janus lists it. */
export type SubscriptionInfo = v.InferOutput<typeof subscriptionSchema>
/** Names a publisher in a room. */
export type FeedId = v.InferOutput<typeof idSchema>
/** Whose feed it is; `at` orders the connections of one participant by its own wall clock. */
export type FeedOwner = v.InferOutput<typeof displaySchema>

/** Reads one frame; null for anything that is not a message. */
export function readMessage(text: unknown): JanusMessage | null {
  const value = parseJson(text)
  const parsed = v.safeParse(messageSchema, value)
  return parsed.success ? parsed.output : null
}

/** Reads the m-lines of an `attached` or `updated` event. */
export function readSubscriptions(event: RoomEvent): readonly SubscriptionInfo[] {
  return (event.streams ?? []).flatMap((stream) => {
    const parsed = v.safeParse(subscriptionSchema, stream)
    return parsed.success ? [parsed.output] : []
  })
}

/** Reads the participant out of a display name; null for people who came without Holdfast. */
export function readOwner(display: string | undefined): FeedOwner | null {
  const parsed = v.safeParse(displaySchema, parseJson(display))
  return parsed.success ? parsed.output : null
}

/** Writes a display name. */
export function writeOwner(owner: FeedOwner): string {
  return JSON.stringify(owner)
}

const SOURCES: readonly string[] = ['camera', 'microphone', 'screen', 'screen-audio'] satisfies TrackSource[]
const SILENT_MARK = ' off'

/** The description of an m-line: its source, and whether it has a track. */
export function writeDescription(source: TrackSource, isActive: boolean): string {
  return isActive ? source : `${source}${SILENT_MARK}`
}

/** Reads it; without one (other clients) the kind decides and the m-line counts as active. */
export function readDescription(
  type: string,
  description: string | undefined,
): { readonly source: TrackSource; readonly isActive: boolean } {
  const isActive = description?.endsWith(SILENT_MARK) !== true
  const name = isActive ? description : description?.slice(0, -SILENT_MARK.length)
  const fallback: TrackSource = type === 'audio' ? 'microphone' : 'camera'
  const source = name !== undefined && SOURCES.includes(name) ? (name as TrackSource) : fallback
  return { source, isActive }
}

/** The error in a message, wherever Janus put it; null when there is none. */
export function errorIn(message: JanusMessage): HoldfastError | null {
  const code = message.error?.code ?? message.plugindata?.data.error_code
  return code === undefined ? null : janusError(code)
}

/** Janus's error numbers (core 403 to 490, videoroom 421 to 499) as ours. */
export function janusError(code: number): HoldfastError {
  const table: Readonly<Record<number, ErrorCode>> = {
    403: 'provider-auth',
    405: 'provider-auth',
    433: 'provider-auth',
    470: 'provider-auth',
    432: 'provider-full',
    460: 'provider-unsupported',
    461: 'provider-server',
    458: 'provider-server',
    459: 'provider-server',
    490: 'provider-server',
    499: 'provider-server',
  }
  return new HoldfastError(table[code] ?? 'provider-rejected', { details: { status: code } })
}

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is one way of being malformed; the schema says so.
    return undefined
  }
}
