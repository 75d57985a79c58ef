/**
 * One run of suite `recovery`: a fault is caused in a call that is well, and the call is looked at from all its pages
 * until it is well again or its time is over. What counts is what people see and hear, not what the call says.
 */
import type { Attempt } from '../../src/index.js'
import { type FaultCase, LIMIT_MS } from './recovery-cases.js'
import type { Lane, Seat } from './recovery-lane.js'
import type { Arrival, Look } from './recovery-page.js'
import { settle } from './rig.js'

/** What came of a run. */
export interface Run {
  readonly fault: FaultCase
  readonly carrier: Lane['carrier']
  /** `recovered`: all media is back; `told`: it is not, and the call says so rightly; `lost`: neither. */
  readonly outcome: 'recovered' | 'told' | 'lost' | 'unaffected'
  /** From the fault to the last thing that came right; null where nothing had been wrong to be seen. */
  readonly tookMs: number | null
  /** Media was back while the cause was still at work: a repair did it, not time. */
  readonly isRepaired: boolean
  /** One person's trouble moved the call, or a device's or token's was blamed on a provider. */
  readonly isWrong: boolean
  /** Says that all is well while media that flowed is dead. */
  readonly isSilent: boolean
  readonly attempts: readonly Attempt[]
  /** Incidents and attempts, and how many of them have a complete explanation. */
  readonly decisions: number
  readonly explained: number
  /** Kinds of alerts while it was wrong. */
  readonly told: readonly string[]
  /** In words, where it did not go well. */
  readonly story: string
}

/** Frames a second, of 15 that are sent, below which a picture does not move. */
const FPS_MIN = 5
const AUDIBLE_MIN = 0.5
/** A busy machine alone has up to 900. */
const APART_MAX_MS = 1_200
const BUFFER_MAX_MS = 900
/** Looks in a row that find all well; at least one of them has a whole second behind it. */
const WELL_LOOKS = 4
const LOOK_EVERY_MS = 250
/** A fault that shows nothing by then shows nothing at all. */
const SHOWS_WITHIN_MS = 8_000
/** Between two faults, so that alerts of the last are over. */
const CALM_LIMIT_MS = 12_000
const GAP_MS = 400

interface Watched {
  hurtAtMs: number | null
  wellSinceMs: number | null
  wellLooks: number
  looks: readonly Look[]
  readonly told: Set<string>
  readonly wrongs: Set<string>
  /** Incidents by the page that saw them. */
  readonly incidents: readonly Set<string>[]
}

const nothingOf = (looks: readonly Look[]): Watched => ({
  ...{ hurtAtMs: null, wellSinceMs: null, wellLooks: 0, looks },
  ...{ told: new Set(), wrongs: new Set(), incidents: looks.map(() => new Set<string>()) },
})

/** Causes one fault and watches; rejects only when a page is gone. */
export async function runFault(lane: Lane, fault: FaultCase, victim: Seat): Promise<Run | null> {
  const before = await calm(lane)
  const marks = await Promise.all(
    lane.seats.map(({ page }) => page.evaluate(() => window.rig.moments().length)),
  )
  const atMs = await victim.page.evaluate(() => window.rig.now())
  const end = await fault.cause(lane, victim)
  if (end === null) return null
  const watched = nothingOf(before)
  const isEarly = await watch(lane, fault, before, watched, atMs, fault.lastsMs)
  const isTold = fault.told.some((kind) => watched.told.has(kind))
  const isSilent =
    !isEarly && watched.hurtAtMs !== null && !isTold && saysWell(watched.looks) && watched.looks.every(isQuiet)
  await end()
  const isWell = isEarly || (await watch(lane, fault, before, watched, atMs, LIMIT_MS))
  await settle(300)
  const moments = await decisionsSince(lane, marks, watched.incidents)
  const lastsToo = fault.ends === 'person' && watched.hurtAtMs !== null
  const outcome = outcomeOf(fault, watched, { isWell, isEarly, isTold, lastsToo })
  return {
    fault,
    carrier: lane.carrier,
    outcome,
    tookMs: watched.hurtAtMs === null || !isWell ? null : await tookOf(lane, watched, atMs),
    isRepaired: isEarly && watched.hurtAtMs !== null,
    isWrong: watched.wrongs.size > 0,
    isSilent,
    ...moments,
    told: [...watched.told],
    story: outcome === 'lost' || watched.wrongs.size > 0 ? storyOf(before, watched) : '',
  }
}

function outcomeOf(
  { ends }: FaultCase,
  { hurtAtMs }: Watched,
  facts: { isWell: boolean; isEarly: boolean; isTold: boolean; lastsToo: boolean },
): Run['outcome'] {
  if (ends === 'person')
    return facts.isEarly || !facts.lastsToo ? 'recovered' : facts.isTold && facts.isWell ? 'told' : 'lost'
  if (hurtAtMs === null && facts.isWell) return 'unaffected'
  if (!facts.isWell) return 'lost'
  if (ends === 'repair' && !facts.isEarly) return facts.isTold ? 'told' : 'lost'
  return 'recovered'
}

/** Everybody sees and hears everybody, and nothing is under way; rejects when that does not come about. */
async function calm(lane: Lane): Promise<readonly Look[]> {
  const startedAtMs = performance.now()
  let well = 0
  for (;;) {
    const looks = await lane.look()
    well = looks.every((look) => look.state === 'live' && !look.isRepairing && isAllThere(look, lane))
      ? well + 1
      : 0
    const isQuietNow = looks.every(isQuiet)
    const tookMs = performance.now() - startedAtMs
    if (well >= WELL_LOOKS && (isQuietNow || tookMs > CALM_LIMIT_MS / 2)) return looks
    if (tookMs > CALM_LIMIT_MS)
      throw new Error(`the call was not well before: ${storyOf(looks, nothingOf(looks))}`)
    await settle(LOOK_EVERY_MS)
  }
}

const isAllThere = (look: Look, lane: Lane): boolean =>
  look.arrivals.length === lane.seats.length - 1 && look.arrivals.every((one) => isFine(one)) && look.hasControl

const isFine = (one: Arrival): boolean =>
  one.state === 'live' &&
  one.fps >= FPS_MIN &&
  one.audible >= AUDIBLE_MIN &&
  one.isRight &&
  one.apartMs <= APART_MAX_MS &&
  one.bufferMs <= BUFFER_MAX_MS

const isQuiet = ({ alerts }: Look): boolean =>
  alerts.every(({ kind, severity }) => severity === 'low' || kind === 'silent-microphone')

const saysWell = (looks: readonly Look[]): boolean =>
  looks.every((look) => look.state === 'live' && !look.isRepairing)

/** Looks until all is well for a while after having been wrong, or until `limitMs`; whether all is well. */
async function watch(
  lane: Lane,
  fault: FaultCase,
  before: readonly Look[],
  watched: Watched,
  faultAtMs: number,
  limitMs: number,
): Promise<boolean> {
  const startedAtMs = performance.now()
  watched.wellLooks = 0
  for (;;) {
    await settle(LOOK_EVERY_MS)
    const looks = await lane.look()
    const atMs = looks[0]?.atMs ?? faultAtMs
    watched.looks = looks
    const isWell = looks.every((look) => look.state === 'live' && isAllThere(look, lane)) && isOnOne(looks)
    note(fault, before, watched, looks)
    if (!isWell) {
      watched.hurtAtMs ??= atMs
      watched.wellLooks = 0
    } else {
      if (watched.wellLooks === 0) watched.wellSinceMs = atMs
      watched.wellLooks += 1
    }
    const isOver = watched.wellLooks >= WELL_LOOKS
    const tookMs = performance.now() - startedAtMs
    if (isOver && watched.hurtAtMs !== null) return true
    if (isOver && tookMs > Math.min(SHOWS_WITHIN_MS, limitMs))
      return fault.ends !== 'person' || fault.lastsMs !== limitMs
    if (tookMs > limitMs) return isOver
  }
}

function note(fault: FaultCase, before: readonly Look[], watched: Watched, looks: readonly Look[]): void {
  looks.forEach(({ active }, index) => {
    for (const { id, incident } of active) {
      watched.incidents[index]?.add(id)
      watched.told.add(incident)
    }
  })
  for (const look of looks)
    for (const { kind, severity, culprit } of look.alerts) {
      if (severity !== 'low') watched.told.add(kind)
      const isPersonal = fault.kind === 'device-failure' || fault.kind === 'auth-failure'
      if (isPersonal && culprit === 'provider' && fault.told.includes(kind))
        watched.wrongs.add(`${kind} blames the provider`)
    }
  if (fault.whose === 'provider') return
  looks.forEach((look, index) => {
    const was = before[index]?.provider
    if (look.provider !== was) watched.wrongs.add(`${look.id} moved from ${was} to ${look.provider}`)
    const unmuted = before[index]?.muted.filter((source) => !look.muted.includes(source)) ?? []
    if (unmuted.length > 0) watched.wrongs.add(`${look.id} was unmuted`)
  })
}

const isOnOne = (looks: readonly Look[]): boolean =>
  new Set(looks.map(({ lineage, epoch, provider }) => `${lineage}/${epoch}/${provider}`)).size === 1

/** To the end of the last gap in what anybody saw; by looks where no picture had stopped. */
async function tookOf(lane: Lane, { wellSinceMs }: Watched, atMs: number): Promise<number> {
  const logs = await Promise.all(lane.seats.map(({ page }) => page.evaluate(() => window.rig.frames())))
  const ends = logs.flatMap((log) =>
    Object.values(log).flatMap(({ times }) =>
      times.filter((time, index) => time > atMs && time - (times[index - 1] ?? time) > GAP_MS),
    ),
  )
  const bySight = (wellSinceMs ?? atMs) - atMs
  return ends.length > 0 ? Math.min(bySight, Math.max(...ends) - atMs) : bySight
}

/** Attempts that ended since, of all pages, and how many decisions are explained completely. */
async function decisionsSince(
  lane: Lane,
  marks: readonly number[],
  incidents: readonly ReadonlySet<string>[],
): Promise<Pick<Run, 'attempts' | 'decisions' | 'explained'>> {
  const all = await Promise.all(
    lane.seats.map(async ({ page }, index) => {
      const attempts = await page.evaluate((mark) => {
        const names = ['recovered', 'recovery-failed']
        const since = window.rig.moments().slice(mark)
        return since.flatMap(({ name, detail }) => (names.includes(name) ? [detail as Attempt] : []))
      }, marks[index] ?? 0)
      const ids = [...attempts.map(({ id }) => id), ...(incidents[index] ?? [])]
      const explained = await page.evaluate((list) => window.watch.explained(list), ids)
      return { attempts, decisions: ids.length, explained }
    }),
  )
  return {
    attempts: all.flatMap(({ attempts }) => attempts),
    decisions: all.reduce((sum, { decisions }) => sum + decisions, 0),
    explained: all.reduce((sum, { explained }) => sum + explained, 0),
  }
}

function storyOf(before: readonly Look[], { looks, told, wrongs }: Watched): string {
  const bad = looks.flatMap((look) =>
    look.arrivals
      .filter((one) => !isFine(one))
      .map((one) => {
        const figures = `${one.fps} fps, heard ${one.audible.toFixed(2)}, ${one.isRight ? 'right' : 'WRONG'} picture`
        return `${look.id}<-${one.peer}: ${one.state}, ${figures}, apart ${one.apartMs.toFixed(0)}, buffer ${one.bufferMs.toFixed(0)}`
      }),
  )
  const short = looks.filter(({ arrivals }, index) => arrivals.length < (before[index]?.arrivals.length ?? 0))
  const states = looks.map(({ id, state, provider, epoch }) => `${id} ${state} ${provider}/${epoch}`)
  return [
    ...wrongs,
    ...bad,
    ...short.map(({ id }) => `${id} misses people`),
    states.join(', '),
    `told ${[...told].join(', ') || 'nothing'}`,
  ].join('; ')
}
