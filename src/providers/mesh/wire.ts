/**
 * What mesh participants send each other: directory entries, messages on the room's channel, and notes on the
 * data channel. All of it comes from strangers, so it is parsed here, with a limit on everything.
 */
import * as v from 'valibot'
import type { Json } from '../../json.js'

/** Version of the wire; others are ignored. */
export const WIRE_VERSION = 1

/** A session description of a dozen sections is about 12 kB; four times that is no longer one of ours. */
const SDP_MAX_CHARS = 48_000

/** Candidate lines are about 120 characters. */
const CANDIDATE_MAX_CHARS = 1_024

/** Ids of participants, seats and sessions. */
const ID_MAX_CHARS = 128

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(ID_MAX_CHARS))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const source = v.picklist(['camera', 'microphone', 'screen', 'screen-audio'])
const sources = v.pipe(v.array(source), v.maxLength(4))
/** Numbered, because it travels on two ways: in session descriptions and on the data channel. */
const published = v.object({ n: count, sources })
const layout = v.pipe(v.array(v.tuple([v.pipe(v.string(), v.maxLength(32)), source])), v.maxLength(8))

const laneBody = v.variant('kind', [
  v.object({
    kind: v.literal('sdp'),
    type: v.picklist(['offer', 'answer']),
    sdp: v.pipe(v.string(), v.maxLength(SDP_MAX_CHARS)),
    layout,
    published,
  }),
  v.object({
    kind: v.literal('candidate'),
    candidate: v.pipe(v.string(), v.maxLength(CANDIDATE_MAX_CHARS)),
    sdpMid: v.nullable(v.pipe(v.string(), v.maxLength(32))),
    sdpMLineIndex: v.nullable(count),
  }),
  v.object({ kind: v.literal('renegotiate') }),
  v.object({ kind: v.literal('need'), source }),
  v.object({ kind: v.literal('restart') }),
])

const envelope = { v: v.literal(WIRE_VERSION), from: id, to: v.nullable(id) }

const message = v.variant('type', [
  v.object({ ...envelope, type: v.literal('hello'), session: id, dead: count }),
  v.object({ ...envelope, type: v.literal('bye') }),
  v.object({ ...envelope, type: v.literal('lane'), attempt: count, n: count, body: laneBody }),
  v.object({ ...envelope, type: v.literal('ack'), attempt: count, n: count }),
])

const entry = v.object({ v: v.literal(WIRE_VERSION), seat: id, session: id })

const note = v.variant('t', [
  v.object({ t: v.literal('beat'), n: count }),
  v.object({ t: v.literal('echo'), n: count }),
  v.object({ t: v.literal('published'), published }),
  v.object({ t: v.literal('key-frame'), source }),
])

/** A message on the room's channel. `from` and `to` are seats: one connection of one participant. */
export type MeshMessage = v.InferOutput<typeof message>

/** What a lane carries. */
export type LaneBody = v.InferOutput<typeof laneBody>

/** Which source travels in which section of a session description. */
export type Layout = v.InferOutput<typeof layout>

/** What a participant publishes now; the higher number is newer. */
export type Published = v.InferOutput<typeof published>

/** A directory entry. */
export type MeshEntry = v.InferOutput<typeof entry>

/** A note on the data channel. */
export type MeshNote = v.InferOutput<typeof note>

/** The message, or null when it is not one. */
export function parseMessage(value: Json): MeshMessage | null {
  const result = v.safeParse(message, value)
  return result.success ? result.output : null
}

/** The entry, or null when it is not one. */
export function parseEntry(value: Json): MeshEntry | null {
  const result = v.safeParse(entry, value)
  return result.success ? result.output : null
}

/** The note, or null when it is not one. */
export function parseNote(text: string): MeshNote | null {
  if (text.length > CANDIDATE_MAX_CHARS) return null
  try {
    const result = v.safeParse(note, JSON.parse(text))
    return result.success ? result.output : null
  } catch {
    // Not JSON: a stranger's text, nothing of ours.
    return null
  }
}
