/**
 * When to try again, as data: an app or the engine names a policy, `createPolicy` makes it. The growth of delays is
 * cockatiel's backoff; time and randomness come from outside, so that a test or a replay sees the same delays.
 * A policy waits for nothing itself. Loaded with the recovery part only, never with the core.
 */
import { DelegateBackoff, ExponentialBackoff, type IBackoff, IterableBackoff } from 'cockatiel'
import type { BreakerKey, Breakers } from './breakers.js'
import type { PolicySpec } from './policy-spec.js'

export type { PolicySpec } from './policy-spec.js'

/** How a run ended. */
export interface PolicyResult {
  readonly isOk: boolean
  /** How long it ran. */
  readonly tookMs?: number
}

/** A policy at work. */
export interface Policy {
  /** How long to wait before the next try; `attempt` counts those already made, from 1. Null: give up. */
  nextDelayMs(attempt: number): number | null
  /** A run ended. */
  note(result: PolicyResult): void
}

/** What policies are made in. */
export interface PolicyWorld {
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** In [0, 1). */
  readonly random: () => number
  /** For `breaker-aware`; without them every breaker is closed. */
  readonly breakers?: Pick<Breakers, 'waitMs'>
}

/** Steps of a linear backoff; from there on the last one is kept. */
const LINEAR_STEPS_MAX = 100
/** A failure makes an adaptive delay longer by this factor, a success shorter. */
const ADAPTIVE_RATIO = 2

/** Makes a policy; throws `RangeError` with the bad value. */
export function createPolicy(spec: PolicySpec, world: PolicyWorld): Policy {
  if (spec.kind === 'composite') return composite(spec.parts.map((part) => createPolicy(part, world)))
  if (spec.kind === 'breaker-aware') return breakerAware(spec.key, createPolicy(spec.policy, world), world)
  if (spec.kind === 'time-window') return timeWindow(spec, world)
  checkDelays(spec)
  if (spec.kind === 'adaptive') return adaptive(spec)
  const start = spec.kind === 'exponential' ? exponential(spec, world) : linear(spec)
  return backingOff(start, spec.attemptsMax ?? Number.POSITIVE_INFINITY)
}

function exponential(
  { firstMs, maxMs, jitter = 0 }: Extract<PolicySpec, { kind: 'exponential' }>,
  { random }: PolicyWorld,
): () => IBackoff<unknown> {
  const backoff = new ExponentialBackoff<number>({
    initialDelay: firstMs,
    maxDelay: maxMs,
    // cockatiel's own generators draw from the global source.
    generator: (step = 0, { initialDelay, maxDelay, exponent }) => {
      const wholeMs = Math.min(maxDelay, initialDelay * exponent ** step)
      return [Math.round(wholeMs * (1 - jitter * random())), step + 1]
    },
  })
  return () => backoff.next()
}

function linear({ firstMs, stepMs, maxMs }: Extract<PolicySpec, { kind: 'linear' }>): () => IBackoff<unknown> {
  const delays = Array.from({ length: LINEAR_STEPS_MAX }, (_, step) => Math.min(maxMs, firstMs + step * stepMs))
  const backoff = new IterableBackoff(delays)
  return () => backoff.next(undefined)
}

/** Walks one of cockatiel's immutable backoffs; an attempt that is not the next one begins anew. */
function backingOff(start: () => IBackoff<unknown>, attemptsMax: number): Policy {
  let at = 0
  let backoff: IBackoff<unknown> | null = null
  const to = (attempt: number): number => {
    if (backoff === null || attempt < at) {
      backoff = start()
      at = 1
    }
    for (; at < attempt; at += 1) backoff = backoff.next(undefined)
    return backoff.duration
  }
  return {
    nextDelayMs: (attempt) => (attempt > attemptsMax ? null : to(Math.max(1, attempt))),
    note({ isOk }) {
      if (isOk) backoff = null
    },
  }
}

function adaptive({ firstMs, maxMs, attemptsMax }: Extract<PolicySpec, { kind: 'adaptive' }>): Policy {
  const growth = new DelegateBackoff<boolean, number>((isOk, levelMs = firstMs) => {
    const nextMs = isOk ? levelMs / ADAPTIVE_RATIO : levelMs * ADAPTIVE_RATIO
    const boundedMs = Math.min(maxMs, Math.max(firstMs, nextMs))
    return { delay: boundedMs, state: boundedMs }
  })
  let level: IBackoff<boolean> | null = null
  return {
    nextDelayMs: (attempt) => (attempt > (attemptsMax ?? attempt) ? null : (level?.duration ?? firstMs)),
    note({ isOk }) {
      level = (level ?? growth).next(isOk)
    },
  }
}

function timeWindow(
  { runsMax, windowMs }: Extract<PolicySpec, { kind: 'time-window' }>,
  { now }: PolicyWorld,
): Policy {
  if (!(runsMax >= 1)) throw new RangeError(`runsMax must be at least 1, not ${runsMax}`)
  let runs: readonly number[] = []
  const recent = (): readonly number[] => runs.filter((atMs) => now() - atMs < windowMs)
  return {
    nextDelayMs() {
      const inside = recent()
      const first = inside[inside.length - runsMax]
      return first === undefined ? 0 : first + windowMs - now()
    },
    note() {
      runs = [...recent(), now()].slice(-runsMax)
    },
  }
}

function composite(parts: readonly Policy[]): Policy {
  return {
    nextDelayMs(attempt) {
      const delays = parts.map((part) => part.nextDelayMs(attempt))
      return delays.reduce<number | null>(
        (longest, delay) => (longest === null || delay === null ? null : Math.max(longest, delay)),
        0,
      )
    },
    note(result) {
      for (const part of parts) part.note(result)
    },
  }
}

function breakerAware(key: BreakerKey, policy: Policy, { breakers }: PolicyWorld): Policy {
  return {
    nextDelayMs(attempt) {
      const delayMs = policy.nextDelayMs(attempt)
      return delayMs === null ? null : Math.max(delayMs, breakers?.waitMs(key) ?? 0)
    },
    note: policy.note,
  }
}

function checkDelays({ firstMs, maxMs }: { readonly firstMs: number; readonly maxMs: number }): void {
  if (!(firstMs >= 0 && Number.isFinite(firstMs)))
    throw new RangeError(`firstMs must not be negative, not ${firstMs}`)
  if (!(maxMs >= firstMs)) throw new RangeError(`maxMs must be at least firstMs, not ${maxMs}`)
}
