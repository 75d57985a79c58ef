/**
 * Subscribes to what the server says is published before the others have told of it: the server knows first, and
 * on joining the directory comes with the document, a good while later. Nothing of it is shown to anybody until the
 * directory names the same address, which says whose media it is. Unclaimed subscriptions are given up soon.
 */
import * as v from 'valibot'
import { kindOf } from '../outgoing.js'
import type { TrackSource } from '../provider.js'
import { negotiate, type WhipContext } from './context.js'
import type { Receiving, Spares } from './receiving.js'
import { ignoreAbort, type SdpResource } from './resource.js'
import { placeAt } from './settings.js'
import { DEVICES } from './stash.js'

/** A subscription under way or standing. */
export interface Foreseen {
  readonly receiving: Receiving
  /** Rejects like any other; the offer may be posted again then. */
  readonly resource: Promise<SdpResource>
}

/** Subscriptions that nobody has asked for yet. */
export interface Foresight {
  /** Takes an event of the server's stream. */
  hear(text: string): void
  /** Hands over the subscription to this address, if there is one with m-lines of the same kinds. */
  take(url: URL, sources: readonly TrackSource[]): Foreseen | null
  close(): void
}

/** What {@link createForesight} needs. */
export interface ForesightOptions {
  readonly context: WhipContext
  readonly spares: Spares
  readonly room: string
  /** Ourselves. */
  readonly peer: string
}

/** A small call; whoever floods the server with names makes us open no more. */
const FORESEEN_MAX = 4
/** The directory follows within one round trip; a publisher whose page has died is never named. */
const UNCLAIMED_MS = 3_000
/** Longer is no name of a stream. */
const NAME_MAX_CHARS = 400

const published = v.object({ peer: v.pipe(v.string(), v.maxLength(NAME_MAX_CHARS)) })
const EVENT = v.variant('event', [
  v.object({ event: v.literal('publishers'), data: v.object({ publishers: v.array(published) }) }),
  v.object({ event: v.literal('published'), data: published }),
])

/** Starts with none. */
export function createForesight({ context, spares, room, peer }: ForesightOptions): Foresight {
  const waiting = new Map<string, Foreseen>()
  const seen = new Set<string>()

  const giveUp = (address: string): void => {
    const gone = waiting.get(address)
    waiting.delete(address)
    gone?.receiving.pc.close()
    gone?.resource.then((resource) => resource.remove(), ignoreAbort)
  }
  const foresee = (stream: string): void => {
    const publisher = stream.slice(0, stream.lastIndexOf('.'))
    if (publisher === '' || publisher === peer || waiting.size >= FORESEEN_MAX) return
    const url = placeAt(context.settings.subscribeUrl, { room, peer: publisher, stream })
    // One that was taken or given up is the directory's business from then on.
    if (seen.has(url.href)) return
    seen.add(url.href)
    const receiving = spares.take(DEVICES)
    const resource = negotiate(context, receiving.pc, receiving.offer, url, context.scope)
    resource.catch(ignoreAbort)
    waiting.set(url.href, { receiving, resource })
    context.clock.after(UNCLAIMED_MS, () => giveUp(url.href))
  }
  return {
    hear(text) {
      if (context.scope.aborted) return
      const parsed = v.safeParse(EVENT, parseJson(text))
      if (!parsed.success) return
      const { event, data } = parsed.output
      for (const one of event === 'published' ? [data] : data.publishers) foresee(one.peer)
    },
    take(url, sources) {
      seen.add(url.href)
      const foreseen = waiting.get(url.href)
      // A shared screen has m-lines of the same kinds.
      if (foreseen === undefined || sources.map(kindOf).join() !== DEVICES.map(kindOf).join()) return null
      waiting.delete(url.href)
      const lines = foreseen.receiving.lines.map((line, index) => ({
        ...line,
        source: sources[index] ?? line.source,
      }))
      return { ...foreseen, receiving: { ...foreseen.receiving, lines } }
    },
    close() {
      for (const address of [...waiting.keys()]) giveUp(address)
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not an event of ours; another server's stream says other things.
    return null
  }
}
