/**
 * What one page asks of another: a key frame, another codec. Receivers cannot order either where a server stands
 * between. Messages are unsigned, so each is cheap to grant, bounded in rate, and takes nothing away from anybody.
 */
import * as v from 'valibot'
import type { Clock } from '../clock.js'
import type { Json } from '../json.js'
import type { TrackSource } from '../providers/provider.js'
import { changeCodec } from './codec-choice.js'
import type { HandsWorld } from './world.js'

/** A key frame costs as much as ten frames; encoders make one a second at most without being felt. */
const KEY_FRAME_EVERY_MS = 1_000
/** A codec that was just changed is left alone: encoders start anew with each change. */
const CODEC_EVERY_MS = 20_000
/** Names of codecs are short, e.g. `video/VP8`. */
const MIME_MAX_CHARS = 40
const ID_MAX_CHARS = 64

const SCHEMA = v.variant('type', [
  v.object({
    v: v.literal(1),
    type: v.literal('key-frame'),
    provider: v.pipe(v.string(), v.maxLength(ID_MAX_CHARS)),
    source: v.picklist(['camera', 'screen']),
  }),
  v.object({
    v: v.literal(1),
    type: v.literal('codec'),
    provider: v.pipe(v.string(), v.maxLength(ID_MAX_CHARS)),
    source: v.picklist(['camera', 'screen']),
    avoid: v.nullable(v.pipe(v.string(), v.maxLength(MIME_MAX_CHARS))),
  }),
])

/** One ask. */
export type Ask = v.InferOutput<typeof SCHEMA>

/** Asks another page. */
export function ask({ asks }: HandsWorld, peer: string, message: Ask): void {
  asks.send(peer, message as Json)
}

/** Grants what others ask, within bounds; returns what ends it. */
export function grantAsks(world: HandsWorld): () => void {
  const isDue = createPace(world.clock)
  return world.asks.subscribe((from, value) => {
    const parsed = v.safeParse(SCHEMA, value)
    if (!parsed.success) return
    const { output } = parsed
    // Media goes only to those who are here, so nobody else has anything to ask for.
    if (!world.expected().has(from) && !isShownTo(world, from)) return
    if (output.type === 'key-frame') {
      if (isDue(`key-frame/${output.source}`, KEY_FRAME_EVERY_MS)) makeKeyFrame(world, output)
    } else if (isDue(`codec/${output.source}/${output.avoid === null}`, CODEC_EVERY_MS))
      for (const live of world.connections())
        if (live.provider === output.provider) void changeCodec(live, output.source, output.avoid, world)
  })
}

/** Somebody who publishes nothing is known to the connections alone. */
function isShownTo(world: HandsWorld, peer: string): boolean {
  return world.connections().some(({ connection }) => connection.peers.has(peer))
}

function makeKeyFrame(
  world: HandsWorld,
  { provider, source }: { provider: string; source: TrackSource },
): void {
  for (const live of world.connections())
    if (live.provider === provider)
      // A connection that is just closing has nobody to send a key frame to.
      live.connection.requestKeyFrame?.(source).catch(() => undefined)
}

function createPace(clock: Clock): (key: string, everyMs: number) => boolean {
  const grantedAtMs = new Map<string, number>()
  return (key, everyMs) => {
    if (clock.now() - (grantedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return false
    grantedAtMs.set(key, clock.now())
    return true
  }
}
