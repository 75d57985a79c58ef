/**
 * What a publisher tells the others through the directory, and how the others read it. Entries come from
 * peers: a subscription address is accepted on the configured server's origin only, because it becomes a
 * request that this page makes with its token.
 */
import * as v from 'valibot'
import type { Json } from '../../json.js'
import type { TrackSource } from '../provider.js'
import type { WhipSettings } from './settings.js'

/** One publication of a participant, as told by that participant and checked here. */
export interface PublicationEntry {
  readonly url: URL
  /** Fresh for each publication: a new one replaces the earlier of the same sources. */
  readonly session: string
  /** What the m-lines carry, in their order. */
  readonly sources: readonly TrackSource[]
  /** The sources that have a track now. */
  readonly active: readonly TrackSource[]
}

/** Devices are one publication, a shared screen is another; nobody has more. */
const PUBLICATIONS_MAX = 2
const ADDRESS_MAX_CHARS = 400
const SESSION_MAX_CHARS = 64

const sourcesSchema = v.pipe(
  v.array(v.picklist(['camera', 'microphone', 'screen', 'screen-audio'])),
  v.maxLength(2),
)
const publicationSchema = v.object({
  whep: v.pipe(v.string(), v.minLength(1), v.maxLength(ADDRESS_MAX_CHARS)),
  session: v.pipe(v.string(), v.minLength(1), v.maxLength(SESSION_MAX_CHARS)),
  sources: v.pipe(sourcesSchema, v.minLength(1)),
  active: sourcesSchema,
})
const entrySchema = v.object({
  publications: v.pipe(v.array(publicationSchema), v.maxLength(PUBLICATIONS_MAX)),
})

/** Reads an entry; null when it is malformed. Publications that point elsewhere are left out. */
export function readEntry(value: unknown, settings: WhipSettings): readonly PublicationEntry[] | null {
  const parsed = v.safeParse(entrySchema, value)
  if (!parsed.success) return null
  return parsed.output.publications.flatMap(({ whep, ...rest }) => {
    const url = trusted(whep, settings)
    return url ? [{ ...rest, url }] : []
  })
}

/** Writes an entry: a path alone where an address is on the server's own origin, to save room. */
export function writeEntry(publications: readonly PublicationEntry[], settings: WhipSettings): Json {
  const home = new URL(settings.subscribeUrl).origin
  return {
    publications: publications.map(({ url, session, sources, active }) => ({
      whep: url.origin === home ? `${url.pathname}${url.search}` : url.href,
      session,
      sources,
      active,
    })),
  }
}

function trusted(address: string, settings: WhipSettings): URL | null {
  const home = new URL(settings.subscribeUrl).origin
  if (!URL.canParse(address, home)) return null
  const url = new URL(address, home)
  const isAllowed = url.origin === home || settings.allowedOrigins.includes(url.origin)
  return isAllowed && url.username === '' && url.password === '' ? url : null
}
