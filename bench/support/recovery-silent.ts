/**
 * Row of suite `recovery` about silent half recoveries: many faults in calls on each carrier, side by side, one in every
 * page at a time. After each round all frames and sounds between all people have to flow again; media that is dead for
 * three seconds while its page says that all is well is what is searched for.
 */
import { seededRandom } from '../../test/simulation/random.js'
import type { Figure } from '../figure.js'
import { LOOK_EVERY_MS, WELL_LOOKS } from './recovery-calm.js'
import { CASES, type Ending, type FaultCase } from './recovery-cases.js'
import { type OpenLane, sideBySide, tell } from './recovery-faults.js'
import { CARRIERS, type CarrierKind, type Lane } from './recovery-lane.js'
import { createSilenceWatch, isAllThere, isHurt, wordsOf } from './recovery-look.js'
import { type Progress, settle, within } from './rig.js'
import { atMost } from './statistics.js'

/** What was counted. */
export interface SilentTally {
  /** Faults that were seen or heard. */
  faults: number
  withoutEffect: number
  /** Rounds that never came right, though they said so. */
  lost: number
  readonly found: string[]
}

/** A cause that ends by itself is taken away then; longer would only make the suite longer. */
const CAUSE_MS = 1_500
/** Causes that a repair has to get over stay for this long. */
const REPAIR_MS = 12_000
const ROUND_LIMIT_MS = 20_000
/** A fault that shows nothing by then is none. */
const SHOWS_MS = 3_000
/** Devices that were taken and given back leave their pictures running in the page. */
const ROUNDS_EACH_CALL = 12

interface Round {
  readonly hurt: Set<string>
  readonly found: readonly string[]
  readonly isWell: boolean
}

/** What a search is given. */
export interface SearchPlan {
  readonly carriers: readonly CarrierKind[]
  readonly open: OpenLane
  /** Kinds of faults; null: all. */
  readonly only: readonly string[] | null
  /** Calls side by side. */
  readonly lanes: number
  /** Faults with an effect. */
  readonly wanted: number
  readonly deadlineMs: number
  /** With what each page noted in a round that did not go well. */
  readonly isTold: boolean
  readonly progress: Progress
}

/** Nothing found in nothing, to be counted in. */
export const emptyTally = (): SilentTally => ({ faults: 0, withoutEffect: 0, lost: 0, found: [] })

/**
 * Searches until as many faults had an effect, or until the deadline; all carriers get the same share of both. Counts as
 * it goes, so that a search that is cut off has its figures.
 */
export async function searchSilent(plan: SearchPlan, tally: SilentTally): Promise<void> {
  const { carriers, open, lanes, wanted, deadlineMs, progress } = plan
  const shifts = [...carriers, ...carriers]
  const shiftMs = ((deadlineMs - performance.now()) * lanes) / shifts.length
  const say = (error: unknown): null => {
    progress(`search: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    return null
  }
  await sideBySide(lanes, shifts, async (carrier) => {
    const untilMs = Math.min(deadlineMs, performance.now() + shiftMs)
    const own = { faults: 0 }
    const isOver = (): boolean => own.faults >= wanted / shifts.length || performance.now() > untilMs
    const lane = isOver() ? null : await open(carrier).catch(say)
    if (!lane) return
    await searchLane(lane, plan, tally, own, isOver)
    await within('closing a call', ROUND_LIMIT_MS, lane.close()).catch(say)
  })
}

/** The row; what the runs of one fault each have found counts too. */
export function silentFigures(
  { faults, withoutEffect, lost, found }: SilentTally,
  beside: { readonly faults: number; readonly found: number },
): readonly Figure[] {
  const all = faults + beside.faults
  const row = atMost('silent half recoveries in Chromium', found.length + beside.found, 'tracks', 0, all)
  const bar = `0 in >= ${FAULTS_MIN} faults`
  return [
    { ...row, bar, holds: row.holds === true && all >= FAULTS_MIN },
    atMost('search: rounds of three faults at once that did not come right', lost, 'rounds', null, faults),
    atMost('search: faults without effect, left out', withoutEffect, 'faults', null, faults + withoutEffect),
  ]
}

/** The issue asks for as many. */
const FAULTS_MIN = 1_000

async function searchLane(
  lane: Lane,
  { only, isTold, progress }: SearchPlan,
  tally: SilentTally,
  own: { faults: number },
  isOver: () => boolean,
): Promise<void> {
  const random = seededRandom(100 + CARRIERS.indexOf(lane.carrier))
  const cases = CASES.filter(
    (one) => one.on.includes(lane.carrier) && isSwift(one) && (only?.includes(one.kind) ?? true),
  )
  let isKnownWell = false
  for (let round = 1; !isOver(); round += 1) {
    const startedAtMs = performance.now()
    const faults = lane.seats.map(() => random.pick(cases))
    const result: Round | null = await within(
      'a round',
      3 * ROUND_LIMIT_MS,
      playRound(lane, faults, isKnownWell),
    ).catch((error: unknown) => {
      progress(`search on ${lane.carrier}: ${error instanceof Error ? error.message.split('\n')[0] : ''}`)
      return null
    })
    if (result !== null) {
      own.faults += result.hurt.size
      tally.faults += result.hurt.size
      tally.withoutEffect += faults.length - result.hurt.size
      tally.lost += result.isWell ? 0 : 1
      tally.found.push(...result.found)
      // Right after another look nothing can have been heard.
      if (!result.isWell) await settle(LOOK_EVERY_MS)
      const ends = result.isWell ? 'well' : `NOT WELL: ${await lane.look().then(wordsOf, String)}`
      const names = faults.map(({ kind }) => kind).join(' + ')
      const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1)
      progress(
        `search on ${lane.carrier}: ${tally.faults} faults, ${names}: ${ends} (${seconds} s)${result.found.length > 0 ? ` SILENT: ${result.found.join('; ')}` : ''}`,
      )
      if (isTold && (result.found.length > 0 || !result.isWell))
        await tell(lane, progress).catch(() => undefined)
    }
    isKnownWell = result?.isWell === true && round % ROUNDS_EACH_CALL !== 0
    if (!isKnownWell)
      await lane.rejoin().catch(() => progress(`search on ${lane.carrier}: could not join again`))
  }
}

/** What breaks media of one person and is over soon. */
function isSwift({ whose, ends, isPathLost, kind }: FaultCase): boolean {
  return whose === 'one' && (ends === 'repair' || isPathLost || kind === 'frame-corruption')
}

async function playRound(
  lane: Lane,
  faults: readonly FaultCase[],
  isKnownWell: boolean,
): Promise<Round | null> {
  if (!isKnownWell && !(await becomesWell(lane, ROUND_LIMIT_MS, () => undefined)))
    throw new Error('the call was not well')
  const ends = await Promise.all(
    lane.seats.map(async (seat, index) => ({
      fault: faults[index],
      end: await faults[index]?.cause(lane, seat),
    })),
  )
  const hurt = new Set<string>()
  const silence = createSilenceWatch()
  const endOf = async (isDue: (fault: FaultCase | undefined) => boolean): Promise<void> => {
    const due = ends.filter(({ fault }) => isDue(fault))
    await Promise.all(due.map(({ end }) => (end as Ending | undefined)?.()))
  }
  const startedAtMs = performance.now()
  const note = (looks: Awaited<ReturnType<Lane['look']>>): boolean => {
    silence.note(looks)
    for (const { id } of looks) if (isHurt(looks, id)) hurt.add(id)
    return hurt.size === lane.seats.length || performance.now() - startedAtMs > SHOWS_MS
  }
  const passing = settle(CAUSE_MS).then(() => endOf((fault) => fault?.ends === 'itself'))
  const isRepaired = await becomesWell(lane, REPAIR_MS, note)
  await passing
  await endOf(() => true)
  const isWell = isRepaired || (await becomesWell(lane, ROUND_LIMIT_MS, note))
  return { hurt, found: silence.found, isWell }
}

/** Looks until all media flows for a second; `note` says whether what shall be seen has been seen. */
async function becomesWell(
  lane: Lane,
  limitMs: number,
  note: (looks: Awaited<ReturnType<Lane['look']>>) => boolean | undefined,
): Promise<boolean> {
  const startedAtMs = performance.now()
  let well = 0
  while (performance.now() - startedAtMs < limitMs) {
    await settle(LOOK_EVERY_MS)
    const looks = await lane.look()
    const isSeen = note(looks) ?? true
    well = isAllThere(looks) ? well + 1 : 0
    if (well >= WELL_LOOKS && isSeen) return true
  }
  return false
}
