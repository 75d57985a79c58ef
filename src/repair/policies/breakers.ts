/**
 * Circuit breakers: what failed five times in a row is left alone for 30 s, then tried one at a time, and trusted
 * again after three successes. One for each provider, connection and track that anything was noted of. Counting is
 * cockatiel's; its policy is not used, because it reads the wall clock, runs what it guards and closes after one
 * success. Providers' breakers listen to the other participants too, within bounds: see `hear`.
 */
import { ConsecutiveBreaker } from 'cockatiel'

/** What a breaker guards: `provider/ID`, `connection/ID` or `track/ID`. */
export type BreakerKey = `${'provider' | 'connection' | 'track'}/${string}`

/** `open`: nothing goes through. `half-open`: one at a time, as a test. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** One breaker, for people and metrics. */
export interface BreakerStatus {
  readonly key: BreakerKey
  readonly state: BreakerState
  /** In a row, up to now. */
  readonly failures: number
  /** In a row while half open. */
  readonly successes: number
  /** How often it opened. */
  readonly trips: number
  /** Until it may be tried; 0 when it may be now. */
  readonly retryInMs: number
  /** Whose experience holds it open; null while it is not open. */
  readonly by: 'own' | 'others' | null
}

/** What another participant sees of the providers, as presence tells it. */
export interface BreakerWitness {
  readonly participant: string
  /** By provider id; `dead` and `unreachable` speak against one. */
  readonly sight: Readonly<Record<string, string>>
}

/** The breakers of a call. */
export interface Breakers {
  /** Whether a try may begin now. */
  allows(key: BreakerKey): boolean
  /** Until a try may begin; 0 when it may now. */
  waitMs(key: BreakerKey): number
  /** A try ended. */
  note(key: BreakerKey, isOk: boolean): void
  /**
   * What all others see now. Two of them, or one and a failure of our own, hold a provider's breaker open for at most
   * 30 s; then it takes a try of our own, and nobody can keep it open against a success of ours.
   */
  hear(witnesses: Iterable<BreakerWitness>): void
  status(): readonly BreakerStatus[]
  /** Closes one, or all. */
  reset(key?: BreakerKey): void
}

/** Options of {@link createBreakers}; the defaults are promised in docs/promises.md (P60). */
export interface BreakerOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Ids of the configured providers: what others say of any else is nothing to us. */
  readonly providers: readonly string[]
  /** Default 5. */
  readonly failuresMax?: number
  /** Default 30,000. */
  readonly openMs?: number
  /** Default 3. */
  readonly successesMin?: number
  /** A breaker entered another state. */
  readonly onChange?: (status: BreakerStatus) => void
}

/** Fewer would open for a hiccup: a connect fails two or three times while a network changes. */
const FAILURES_MAX = 5
/** A server that restarts is back within this time. */
const OPEN_MS = 30_000
/** One success may be luck. */
const SUCCESSES_MIN = 3
/** A test that never reported back stops holding up the next one; longer than any connect. */
const TEST_MS = 10_000
/** Nobody alone holds anything open for others. */
const WITNESSES_MIN = 2
/** After a success of our own the others' word does not count for so long: they may see it through a bad path. */
const OWN_WORD_MS = 60_000
/** Connections come and go; the ones noted longest ago are forgotten. */
const BREAKERS_MAX = 128

interface Breaker {
  readonly counter: ConsecutiveBreaker
  state: BreakerState
  failures: number
  successes: number
  trips: number
  openedAtMs: number
  /** When the test of a half-open one began; null while there is none. */
  testedAtMs: number | null
  okAtMs: number
  by: BreakerStatus['by']
}

/** Makes them; all are closed. */
export function createBreakers(options: BreakerOptions): Breakers {
  const state: State = { options, breakers: new Map() }
  const { breakers } = state
  return {
    allows(key) {
      const breaker = breakers.get(key)
      if (breaker === undefined || breaker.state === 'closed') return true
      if (waitMs(state, breaker) > 0) return false
      if (breaker.state === 'open') enter(state, key, breaker, 'half-open', null)
      breaker.testedAtMs = options.now()
      return true
    },
    waitMs(key) {
      const breaker = breakers.get(key)
      return breaker === undefined ? 0 : waitMs(state, breaker)
    },
    note(key, isOk) {
      // What works and was never in doubt needs no breaker; a provider's remembers that it worked here.
      if (isOk && !breakers.has(key) && !key.startsWith('provider/')) return
      const breaker = take(state, key)
      breaker.testedAtMs = null
      if (isOk) noteSuccess(state, key, breaker)
      else noteFailure(state, key, breaker)
    },
    hear: (witnesses) => hear(state, witnesses),
    status: () => [...breakers].map(([key, breaker]) => statusOf(state, key, breaker)),
    reset(key) {
      for (const [one, breaker] of breakers) {
        if (key !== undefined && one !== key) continue
        breaker.counter.success()
        breaker.failures = 0
        enter(state, one, breaker, 'closed', null)
      }
    },
  }
}

interface State {
  readonly options: BreakerOptions
  readonly breakers: Map<BreakerKey, Breaker>
}

function noteSuccess(state: State, key: BreakerKey, breaker: Breaker): void {
  const { now, successesMin = SUCCESSES_MIN } = state.options
  breaker.counter.success()
  breaker.failures = 0
  breaker.okAtMs = now()
  if (breaker.state === 'closed') return
  if (breaker.state === 'open') enter(state, key, breaker, 'half-open', null)
  breaker.successes += 1
  if (breaker.successes >= successesMin) enter(state, key, breaker, 'closed', null)
}

function noteFailure(state: State, key: BreakerKey, breaker: Breaker): void {
  breaker.failures += 1
  const isBroken = breaker.counter.failure()
  if (breaker.state === 'half-open' || (breaker.state === 'closed' && isBroken))
    enter(state, key, breaker, 'open', 'own')
}

function hear(state: State, witnesses: Iterable<BreakerWitness>): void {
  const { now, providers, openMs = OPEN_MS } = state.options
  for (const [provider, participants] of complaints(witnesses)) {
    if (!providers.includes(provider)) continue
    const key = `provider/${provider}` as const
    const breaker = take(state, key)
    const wasOpen = breaker.trips > 0 && now() - breaker.openedAtMs < 2 * openMs
    if (breaker.state !== 'closed' || wasOpen || now() - breaker.okAtMs < OWN_WORD_MS) continue
    if (participants + Math.min(1, breaker.failures) >= WITNESSES_MIN)
      enter(state, key, breaker, 'open', 'others')
  }
}

function enter(
  state: State,
  key: BreakerKey,
  breaker: Breaker,
  next: BreakerState,
  by: BreakerStatus['by'],
): void {
  const { now, onChange } = state.options
  const isSame = breaker.state === next
  breaker.state = next
  breaker.by = by
  breaker.successes = 0
  breaker.testedAtMs = null
  if (next === 'open') {
    breaker.openedAtMs = now()
    breaker.trips += 1
  }
  if (!isSame) onChange?.(statusOf(state, key, breaker))
}

function waitMs(
  { options: { now, openMs = OPEN_MS } }: State,
  { state, openedAtMs, testedAtMs }: Breaker,
): number {
  if (state === 'open') return Math.max(0, openedAtMs + openMs - now())
  if (state === 'half-open' && testedAtMs !== null) return Math.max(0, testedAtMs + TEST_MS - now())
  return 0
}

function statusOf(state: State, key: BreakerKey, breaker: Breaker): BreakerStatus {
  const { failures, successes, trips, by } = breaker
  return { key, state: breaker.state, failures, successes, trips, retryInMs: waitMs(state, breaker), by }
}

/** The breaker of a key; what was noted last is kept longest. */
function take({ options, breakers }: State, key: BreakerKey): Breaker {
  const breaker = breakers.get(key) ?? fresh(options.failuresMax ?? FAILURES_MAX)
  breakers.delete(key)
  breakers.set(key, breaker)
  const [oldest] = breakers.keys()
  if (breakers.size > BREAKERS_MAX && oldest !== undefined) breakers.delete(oldest)
  return breaker
}

function fresh(failuresMax: number): Breaker {
  return {
    counter: new ConsecutiveBreaker(failuresMax),
    state: 'closed',
    failures: 0,
    successes: 0,
    trips: 0,
    openedAtMs: 0,
    testedAtMs: null,
    okAtMs: Number.NEGATIVE_INFINITY,
    by: null,
  }
}

/** Participants that speak against a provider, each counted once however many pages it has. */
function complaints(witnesses: Iterable<BreakerWitness>): ReadonlyMap<string, number> {
  const against = new Map<string, Set<string>>()
  for (const { participant, sight } of witnesses)
    for (const [provider, seen] of Object.entries(sight)) {
      if (seen !== 'dead' && seen !== 'unreachable') continue
      const speaking = against.get(provider) ?? new Set<string>()
      against.set(provider, speaking.add(participant))
    }
  return new Map([...against].map(([provider, { size }]) => [provider, size]))
}
