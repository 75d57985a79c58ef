/**
 * One run of suite `recovery`: a fault is caused in a call that is well, and the call is looked at from all its pages
 * until it is well again or its time is over. What counts is what people see and hear, not what the call says.
 */
import type { Attempt } from '../../src/index.js'
import { calm, LOOK_EVERY_MS, WELL_LOOKS } from './recovery-calm.js'
import { type FaultCase, LIMIT_MS } from './recovery-cases.js'
import { type Decisions, decisionsSince } from './recovery-decisions.js'
import type { Lane, Seat } from './recovery-lane.js'
import {
  createSilenceWatch,
  driftMs,
  isAllThere,
  isDrifting,
  isHurt,
  isOnOne,
  type SilenceWatch,
  wordsOf,
} from './recovery-look.js'
import type { Look } from './recovery-page.js'
import { settle } from './rig.js'

/** How a run ended; {@link isGood} says which of them are. */
export type Outcome =
  /** All media was back while the cause was still at work. */
  | 'repaired'
  /** All media was back when the cause had ended, of a cause that ends by itself. */
  | 'recovered'
  /** The call noticed it, and nobody could see or hear it. */
  | 'endured'
  /** It was told, a page cannot repair it, and what the person does then ended it. */
  | 'told'
  /** It was told, though a page could have repaired it. */
  | 'only told'
  | 'lost'
  /** Neither seen nor told: it was not really caused. */
  | 'no effect'

/** What came of a run. */
export interface Run extends Decisions {
  readonly fault: FaultCase
  readonly carrier: Lane['carrier']
  /** In whose page, or whose network. */
  readonly victim: string
  readonly outcome: Outcome
  /** From the fault to the last thing that came right; null where nothing had been wrong to be seen. */
  readonly tookMs: number | null
  /** The same from the end of the cause, where it ended before. */
  readonly afterMs: number | null
  /** From the fault to the end of the page's own repairs of it; null where none succeeded. */
  readonly repairedMs: number | null
  /** One person's trouble moved the call, or a device's or token's was blamed on a provider. */
  readonly isWrong: boolean
  /** Media that was dead while its page said that all is well. */
  readonly silent: readonly string[]
  /** Kinds of alerts and incidents while it was wrong. */
  readonly told: readonly string[]
  /** In words, where it did not go well. */
  readonly story: string
  /** How long waiting for a call that is well, the cause and the rest took. */
  readonly phasesMs: readonly number[]
}

/** A fault that shows nothing by then shows nothing at all. */
const SHOWS_WITHIN_MS = 8_000
/** What was told is looked at for this long before the person does something: it could be taken back. */
const TOLD_FOR_MS = 1_200
/** A person waits for longer before pressing anything: the page may be at it. */
const BY_HAND_AFTER_MS = 4_000
const GAP_MS = 400
/** What came to be known in the last moment is explained in the next one. */
const LATE_WORDS_MS = 300

interface Watched {
  readonly atMs: number
  readonly before: readonly Look[]
  readonly victim: string
  readonly silence: SilenceWatch
  readonly told: Set<string>
  readonly wrongs: Set<string>
  /** Incidents by the page that saw them. */
  readonly incidents: readonly Set<string>[]
  hurtAtMs: number | null
  toldAtMs: number | null
  wellSinceMs: number | null
  looks: readonly Look[]
}

/** Whether a run ended as it should. */
export function isGood({ outcome }: Run): boolean {
  return ['repaired', 'recovered', 'endured', 'told'].includes(outcome)
}

/** Causes one fault and watches; null where it cannot be caused now, rejects with {@link NotWell} before it is caused. */
export async function runFault(lane: Lane, fault: FaultCase, victim: Seat): Promise<Run | null> {
  const startedAtMs = performance.now()
  const before = await calm(lane)
  const causedAtMs = performance.now()
  const marks = await Promise.all(
    lane.seats.map(({ page }) => page.evaluate(() => window.rig.moments().length)),
  )
  const atMs = await victim.page.evaluate(() => window.rig.now())
  const end = await fault.cause(lane, victim)
  if (end === null) return null
  const watched = startWatch(before, victim.id, atMs)
  const isEarly = await watch(lane, fault, watched, fault.lastsMs, 'cause')
  const overAtMs = performance.now()
  const stoodThus = isEarly ? '' : `; while its cause was at work: ${wordsOf(watched.looks)}`
  const isToldInTime = watched.toldAtMs !== null
  if (fault.byHand !== null && isToldInTime && !isEarly) await askFor(fault.byHand, watched, victim)
  else await end()
  const overMs = (await victim.page.evaluate(() => window.rig.now())) - atMs
  const isWell = isEarly || (await watch(lane, fault, watched, LIMIT_MS, 'after'))
  if (fault.byHand !== null) await end()
  await settle(LATE_WORDS_MS)
  const moments = await decisionsSince(lane, marks, watched.incidents)
  const met = moments.attempts.filter((one) => isMet(fault, atMs, one))
  const isTold = watched.toldAtMs !== null || met.length > 0
  const outcome = outcomeOf(fault, watched, { isWell, isEarly, isTold, isToldInTime })
  const tookMs = watched.hurtAtMs === null || !isWell ? null : await tookOf(lane, watched)
  return {
    fault,
    carrier: lane.carrier,
    victim: victim.id,
    outcome,
    tookMs,
    afterMs: tookMs === null || isEarly ? null : Math.max(0, tookMs - overMs),
    repairedMs: met.length === 0 ? null : Math.max(...met.map(endedAtMs)) - atMs,
    isWrong: watched.wrongs.size > 0,
    silent: watched.silence.found,
    ...moments,
    told: [...watched.told],
    story: isFinePlain(outcome, watched) ? '' : `${storyOf(watched)}${stoodThus}`,
    phasesMs: [causedAtMs - startedAtMs, overAtMs - causedAtMs, performance.now() - overAtMs],
  }
}

function startWatch(before: readonly Look[], victim: string, atMs: number): Watched {
  return {
    ...{ atMs, before, victim, looks: before, hurtAtMs: null, toldAtMs: null, wellSinceMs: null },
    ...{ silence: createSilenceWatch(), told: new Set(), wrongs: new Set() },
    incidents: before.map(() => new Set<string>()),
  }
}

function outcomeOf(
  { ends, unrepairable }: FaultCase,
  { hurtAtMs }: Watched,
  is: { isWell: boolean; isEarly: boolean; isTold: boolean; isToldInTime: boolean },
): Outcome {
  if (!is.isWell) return 'lost'
  if (hurtAtMs === null) return is.isTold ? 'endured' : 'no effect'
  if (is.isEarly) return 'repaired'
  if (ends === 'itself') return 'recovered'
  if (unrepairable !== null) return is.isToldInTime ? 'told' : 'lost'
  return is.isTold ? 'only told' : 'lost'
}

/** A repair of this very trouble, which was over between two looks. */
function isMet({ told }: FaultCase, sinceMs: number, { incident, outcome, startedAtMs }: Attempt): boolean {
  return outcome === 'succeeded' && startedAtMs >= sinceMs && told.includes(incident)
}

function endedAtMs({ startedAtMs, durationMs }: Attempt): number {
  return startedAtMs + (durationMs ?? 0)
}

function isFinePlain(outcome: Outcome, { wrongs, silence }: Watched): boolean {
  return outcome !== 'lost' && outcome !== 'only told' && wrongs.size === 0 && silence.found.length === 0
}

/** What a person does who was told of it: ends what is tried by itself, which would be waited for, and asks for this. */
async function askFor(strategy: string, { looks, victim }: Watched, { page }: Seat): Promise<void> {
  const arrivals = looks.find(({ id }) => id === victim)?.arrivals ?? []
  const [worst] = [...arrivals].sort((one, other) => driftMs(other) - driftMs(one))
  await page.evaluate(
    async ([what, peer]) => {
      const { recovery } = window.rig.call
      await recovery.cancel()
      await recovery.trigger({ strategy: what, ...(peer ? { peer } : {}) })
    },
    [strategy, worst?.peer ?? null] as const,
  )
}

/**
 * Looks until all is well for a while after having been wrong, or until `limitMs`; whether all is well. What only a
 * person can end is looked at for as long as the cause is there: it shall be told.
 */
async function watch(
  lane: Lane,
  fault: FaultCase,
  watched: Watched,
  limitMs: number,
  phase: 'cause' | 'after',
): Promise<boolean> {
  const startedAtMs = performance.now()
  let wellLooks = 0
  for (;;) {
    await settle(LOOK_EVERY_MS)
    const looks = await lane.look()
    const atMs = looks[0]?.atMs ?? watched.atMs
    note(fault, watched, looks, phase)
    const isWell = isAllThere(looks) && isOnOne(looks)
    // Of a provider everybody is the victim.
    const isApart = fault.isOverOnceTold && !isOnOne(looks)
    // A drift is felt as one; that a picture stumbles meanwhile is not its doing.
    const isFelt = fault.byHand === null ? isHurt(looks, watched.victim) : isDrifting(looks, watched.victim)
    const isOfFault = isFelt || isApart || (fault.whose === 'provider' && !isWell)
    // A short cause may be over when it is first seen; one that stays is not felt only when it is taken away.
    if ((phase === 'cause' || fault.ends === 'itself') && isOfFault) watched.hurtAtMs ??= atMs
    if (isWell && wellLooks === 0) watched.wellSinceMs = atMs
    wellLooks = isWell ? wellLooks + 1 : 0
    const isOver = wellLooks >= WELL_LOOKS
    const tookMs = performance.now() - startedAtMs
    const isKnown = watched.toldAtMs !== null && atMs - watched.toldAtMs > TOLD_FOR_MS
    if (fault.isOverOnceTold && phase === 'cause' && isKnown) return false
    if (fault.ends === 'person' && phase === 'cause' && isToldAndSeen(fault, watched, atMs)) return false
    // Met before anybody could feel it.
    if (isOver && fault.ends === 'repair' && isKnown) return true
    // What need not break media is not over because a picture stumbled meanwhile.
    const isSlow = phase === 'cause' && fault.isOverOnceTold && !isKnown
    if (isOver && !isSlow && (watched.hurtAtMs !== null || phase === 'after')) return true
    if (isOver && tookMs > Math.min(SHOWS_WITHIN_MS, limitMs)) return fault.ends !== 'person'
    if (tookMs > limitMs) return isOver && fault.ends !== 'person'
  }
}

function isToldAndSeen({ byHand }: FaultCase, { hurtAtMs, toldAtMs }: Watched, atMs: number): boolean {
  const patienceMs = byHand === null ? TOLD_FOR_MS : BY_HAND_AFTER_MS
  return hurtAtMs !== null && toldAtMs !== null && atMs - Math.max(hurtAtMs, toldAtMs) > patienceMs
}

function note(fault: FaultCase, watched: Watched, looks: readonly Look[], phase: 'cause' | 'after'): void {
  watched.looks = looks
  const isUnplugged = fault.ends === 'person' && fault.byHand === null && phase === 'cause'
  watched.silence.note(looks, isUnplugged ? watched.victim : undefined)
  looks.forEach(({ active }, index) => {
    const old = watched.before[index]?.active.map(({ id }) => id)
    for (const { id, incident } of active) {
      if (old?.includes(id)) continue
      watched.incidents[index]?.add(id)
      watched.told.add(incident)
    }
  })
  looks.forEach((look, index) => {
    // What nobody need act on before is told now, if somebody need.
    const before = watched.before[index]?.alerts.filter((one) => one.severity !== 'low')
    const old = before?.map(({ id }) => id)
    for (const { id, kind, severity, culprit } of look.alerts) {
      if (old?.includes(id)) continue
      if (severity !== 'low') watched.told.add(kind)
      const isPersonal = fault.kind === 'device-failure' || fault.kind === 'auth-failure'
      if (isPersonal && culprit === 'provider' && fault.told.includes(kind))
        watched.wrongs.add(`${kind} blames the provider`)
    }
  })
  // Who left a dead provider before anybody could see anything has noticed.
  const hasFled =
    fault.whose === 'provider' &&
    looks.every(({ provider }, index) => provider !== watched.before[index]?.provider)
  if (hasFled || fault.told.some((kind) => watched.told.has(kind)))
    watched.toldAtMs ??= looks[0]?.atMs ?? watched.atMs
  if (fault.whose === 'provider') return
  looks.forEach((look, index) => {
    const was = watched.before[index]
    if (look.provider !== was?.provider) watched.wrongs.add(`${look.id} moved to ${look.provider}`)
    if (was?.muted.some((source) => !look.muted.includes(source))) watched.wrongs.add(`${look.id} was unmuted`)
  })
}

/** To the end of the last gap in what anybody saw; by looks where no picture had stopped. */
async function tookOf(lane: Lane, { wellSinceMs, atMs }: Watched): Promise<number> {
  const gapEnds = await Promise.all(
    lane.seats.map(({ page }) =>
      page.evaluate(([sinceMs, gapMs]) => window.watch.lastGapEndMs(sinceMs, gapMs), [atMs, GAP_MS] as const),
    ),
  )
  const ends = gapEnds.flatMap((end) => end ?? [])
  const bySight = (wellSinceMs ?? atMs) - atMs
  return ends.length > 0 ? Math.min(bySight, Math.max(...ends) - atMs) : bySight
}

function storyOf({ looks, told, wrongs, silence }: Watched): string {
  return [...wrongs, ...silence.found, wordsOf(looks), `told ${[...told].join(', ') || 'nothing'}`].join('; ')
}
