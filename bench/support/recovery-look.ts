/**
 * What suite `recovery` makes of a look at all pages: whether people see and hear each other, whether the call says
 * so, and which media is dead while it says nothing. What counts is what arrives, not what the call says of itself.
 */
import type { Arrival, Look } from './recovery-page.js'

/** Frames a second, of 10 that are sent, below which a picture does not move. */
const FPS_MIN = 4
const AUDIBLE_MIN = 0.5
/** A busy machine alone has up to 900. */
const APART_MAX_MS = 1_200
const BUFFER_MAX_MS = 900
/** Less than this of a sound is a click in what was made up. */
const AUDIBLE_DEAD = 0.05
/** Media that is dead for this long without a word is silently so; a detector needs about half of it. */
const SILENT_MS = 3_000
/** Alerts that tell of media of everybody. */
const OF_EVERYBODY: ReadonlySet<string> = new Set([
  'network-disconnect',
  'provider-outage',
  'provider-hang',
  'one-way-media',
  'timeout',
])

/** Everybody has everybody's media, and the shared document reaches somebody. */
export function isAllThere(looks: readonly Look[]): boolean {
  return looks.every(
    (look) =>
      look.state === 'live' &&
      look.arrivals.length === looks.length - 1 &&
      look.arrivals.every((one) => isFine(one, looks)) &&
      look.hasControl,
  )
}

/** Everybody is on one record. */
export function isOnOne(looks: readonly Look[]): boolean {
  return new Set(looks.map(({ lineage, epoch, provider }) => `${lineage}/${epoch}/${provider}`)).size === 1
}

/** Something of this person is wrong: what arrives there, what others get from there, or that page's call. */
export function isHurt(looks: readonly Look[], victim: string): boolean {
  return looks.some((look) => {
    const own = look.id === victim
    const arrivals = own ? look.arrivals : look.arrivals.filter(({ peer }) => peer === victim)
    const isMissing = arrivals.length < (own ? looks.length - 1 : 1)
    return (
      isMissing ||
      !arrivals.every((one) => isFine(one, looks)) ||
      (own && (look.state !== 'live' || !look.hasControl))
    )
  })
}

/** How far a sound and its picture are apart: for ten seconds a browser does not know, and sound that waits tells it. */
export function driftMs({ apartMs, bufferMs }: Arrival): number {
  return Math.max(apartMs, bufferMs)
}

/** Somebody is seen and heard out of step in this page. */
export function isDrifting(looks: readonly Look[], victim: string): boolean {
  const own = looks.find(({ id }) => id === victim)?.arrivals ?? []
  return own.some(({ apartMs, bufferMs }) => apartMs > APART_MAX_MS || bufferMs > BUFFER_MAX_MS)
}

/** Everybody who gets nothing at all of somebody, or of whom somebody gets nothing. */
export function deadIn(looks: readonly Look[]): readonly string[] {
  return looks.flatMap((look) =>
    look.arrivals
      .filter((one) => one.fps === 0 || (one.audible < AUDIBLE_DEAD && !isMuted(one.peer, looks)))
      .flatMap(({ peer }) => [look.id, peer]),
  )
}

/** No alert but those that nobody need act on; the fake microphone is a short tone and much silence. */
export function isQuiet({ alerts }: Look): boolean {
  return alerts.every(({ kind, severity }) => severity === 'low' || kind === 'silent-microphone')
}

/** Finds media that is dead while its page says that all is well. */
export interface SilenceWatch {
  /** Takes a look at all pages; `without`: who sends nothing now, because a device of theirs is gone. */
  note(looks: readonly Look[], without?: string): void
  /** What was silently dead, in words; each once. */
  readonly found: readonly string[]
}

/** Makes one. */
export function createSilenceWatch(): SilenceWatch {
  const since = new Map<string, number>()
  const found = new Map<string, string>()
  return {
    note(looks, without) {
      const silent = looks.flatMap((look) => silentIn(look, looks).map((what) => ({ what, atMs: look.atMs })))
      const names = new Set(silent.map(({ what }) => what.name))
      for (const name of since.keys()) if (!names.has(name)) since.delete(name)
      for (const { what, atMs } of silent) {
        if (what.peer === without) continue
        const firstMs = since.get(what.name) ?? atMs
        since.set(what.name, firstMs)
        if (atMs - firstMs >= SILENT_MS && !found.has(what.name))
          found.set(what.name, `${what.name} (${what.said})`)
      }
    },
    get found() {
      return [...found.values()]
    },
  }
}

/** What is wrong with what arrives, and how the call stands, in words. */
export function wordsOf(looks: readonly Look[]): string {
  const bad = looks.flatMap((look) =>
    look.arrivals
      .filter((one) => !isFine(one, looks))
      .map((one) => {
        const figures = `${one.fps} fps, heard ${one.audible.toFixed(2)}, ${one.isRight ? 'right' : 'WRONG'} picture`
        return `${look.id}<-${one.peer}: ${one.state}, ${figures}, apart ${one.apartMs.toFixed(0)}, buffer ${one.bufferMs.toFixed(0)}`
      }),
  )
  const short = looks.filter(({ arrivals }) => arrivals.length < looks.length - 1)
  const states = looks.map(
    ({ id, state, provider, epoch, isRepairing, hasControl }) =>
      `${id} ${state}${isRepairing ? ' repairing' : ''}${hasControl ? '' : ' without links'} ${provider}/${epoch}`,
  )
  return [...bad, ...short.map(({ id }) => `${id} misses people`), states.join(', ')].join('; ')
}

/** Of who is muted no sound is expected: some page may send silence, another nothing. */
function isMuted(peer: string, looks: readonly Look[]): boolean {
  return looks.some(({ id, muted }) => id === peer && muted.includes('microphone'))
}

function isFine(one: Arrival, looks: readonly Look[]): boolean {
  return (
    one.state === 'live' &&
    one.fps >= FPS_MIN &&
    (one.audible >= AUDIBLE_MIN || isMuted(one.peer, looks)) &&
    one.isRight &&
    one.apartMs <= APART_MAX_MS &&
    one.bufferMs <= BUFFER_MAX_MS
  )
}

interface Silent {
  readonly name: string
  readonly peer: string
  /** What the page says of others meanwhile. */
  readonly said: string
}

function silentIn(look: Look, looks: readonly Look[]): readonly Silent[] {
  if (look.state !== 'live' || look.isRepairing) return []
  return looks
    .filter(({ id }) => id !== look.id)
    .flatMap(({ id: peer }) => {
      const arrival = look.arrivals.find((one) => one.peer === peer)
      if (arrival !== undefined && arrival.state !== 'live') return []
      if (look.alerts.some((alert) => alert.severity !== 'low' && isAbout(alert, peer))) return []
      const media = [
        ...((arrival?.fps ?? 0) === 0 ? ['picture'] : []),
        ...((arrival?.audible ?? 0) < AUDIBLE_DEAD && !isMuted(peer, looks) ? ['sound'] : []),
      ]
      const alerts = look.alerts.map(({ kind, severity, about }) => `${severity} ${kind} of ${about ?? 'all'}`)
      const said = `says ${alerts.join(', ') || 'nothing'}`
      return media.map((medium) => ({ name: `${look.id} gets no ${medium} of ${peer}`, peer, said }))
    })
}

function isAbout({ kind, about }: Look['alerts'][number], peer: string): boolean {
  return about === peer || OF_EVERYBODY.has(kind)
}
