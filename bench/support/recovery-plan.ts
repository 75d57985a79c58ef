/** What the command line of suite `recovery` asks for, and in which order faults come. */
import { availableParallelism } from 'node:os'
import { seededRandom } from '../../test/simulation/random.js'
import { CASES, type FaultCase } from './recovery-cases.js'
import { CARRIERS, type CarrierKind } from './recovery-lane.js'

/** Runs of each carrier; together a little over 300, with room for those that show no effect. */
const RUNS = 104
/** Faults in all that are searched for silent half recoveries. */
const SILENT = 1_000
/**
 * A call of three people and its servers take most of two cores while something is repaired: of two calls on two cores
 * half of what was looked at was how well browsers do without a processor.
 */
const CORES_PER_LANE = 2
const LANES = Math.max(1, Math.floor(availableParallelism() / CORES_PER_LANE))
/** Of calls whose provider dies. */
const PEOPLE = [2, 3, 4, 5, 6]
/** The suite ends by then, whatever it has reached. */
const MINUTES = 45
/** Enough for several thousand faults; it ends when there are as many as are wanted. */
const MINUTES_FOR_FAULTS = 240

/** Of one call before the next carrier has its turn; opening a call takes about as long as one of them. */
const SHIFT_RUNS = 26

/** What shall be measured. */
export interface Plan {
  readonly only: readonly string[] | null
  readonly on: readonly CarrierKind[]
  readonly runs: number
  /** Faults of the search for silent half recoveries. */
  readonly silent: number
  /** `all`, or only what was named: faults one by one, the search, the dying provider. */
  readonly part: 'all' | 'faults' | 'silent' | 'switch'
  /** How many people are in the calls whose provider dies, one round after the other. */
  readonly people: readonly number[]
  /** Calls side by side. */
  readonly lanes: number
  /** With what each page noted. */
  readonly isTold: boolean
  readonly minutes: number
}

/**
 * Reads `--only KIND --on whip,janus --runs N --silent N --switch --people 5,6 --lanes N --minutes N --story`. One type on one carrier is
 * also named in short, `--only KIND:whip`; `--faults N` runs everything until N faults were looked at, however long it takes.
 */
export function planOf(words: readonly string[]): Plan {
  const after = (name: string): string | null => {
    const at = words.indexOf(name)
    return at < 0 ? null : (words[at + 1] ?? null)
  }
  const isSome = ['--only', '--on', '--runs'].some((name) => words.includes(name))
  const only = after('--only')
    ?.split(',')
    .map((word) => word.split(':'))
  const named = only?.flatMap(([, carrier]) => carrier ?? []) ?? []
  const on = after('--on')?.split(',') ?? (named.length > 0 ? named : CARRIERS)
  const faults = after('--faults')
  const part = words.includes('--silent') ? 'silent' : words.includes('--switch') ? 'switch' : null
  return {
    only: only?.flatMap(([kind]) => kind ?? []) ?? null,
    on: CARRIERS.filter((one) => on.includes(one)),
    runs: Number(after('--runs') ?? RUNS),
    silent: Number(after('--silent') ?? faults ?? SILENT),
    part: part ?? (isSome ? 'faults' : 'all'),
    people: after('--people')?.split(',').map(Number) ?? PEOPLE,
    lanes: Number(after('--lanes') ?? LANES),
    isTold: words.includes('--story'),
    minutes: Number(after('--minutes') ?? (faults === null ? MINUTES : MINUTES_FOR_FAULTS)),
  }
}

/** What one call after the other does: carriers by turns, so that all are reached however early the time is over. */
export function shiftsOf(
  plan: Plan,
  carriers: readonly CarrierKind[],
): readonly { readonly carrier: CarrierKind; readonly faults: readonly FaultCase[] }[] {
  // The last one first: with fewer calls at a time than carriers it would begin minutes later.
  const schedules = carriers.toReversed().map((carrier) => ({ carrier, all: scheduleOf(plan, carrier) }))
  return Array.from({ length: Math.ceil(plan.runs / SHIFT_RUNS) }, (_, turn) =>
    schedules.map(({ carrier, all }) => ({
      carrier,
      faults: all.slice(turn * SHIFT_RUNS, (turn + 1) * SHIFT_RUNS),
    })),
  )
    .flat()
    .filter(({ faults }) => faults.length > 0)
}

/** What cannot happen on some of these carriers, and why. */
export function leftOut(carriers: readonly CarrierKind[]): readonly string[] {
  return CASES.flatMap(({ kind, name, on, notElsewhere }) => {
    const without = carriers.filter((one) => !on.includes(one))
    return without.length === 0 ? [] : [`not on ${without.join(', ')}: ${kind}, ${name}: ${notElsewhere}`]
  })
}

/** Each way of each type equally often, in an order of its own for each carrier. */
function scheduleOf({ only, runs }: Plan, carrier: CarrierKind): readonly FaultCase[] {
  const random = seededRandom(CARRIERS.indexOf(carrier) + 1)
  const cases = CASES.filter((one) => one.on.includes(carrier) && (only === null || only.includes(one.kind)))
  const rounds = Math.ceil(runs / Math.max(1, cases.length))
  return Array.from({ length: rounds }, () => random.shuffle(cases))
    .flat()
    .slice(0, runs)
}
