/** Policies as data, and what of them may come from an app. Without cockatiel, so that options can be checked early. */
import type { BreakerKey } from './breakers.js'

/** A policy by its parts; times in milliseconds. `attemptsMax`: after so many it gives up. Default: never. */
export type PolicySpec =
  | {
      readonly kind: 'exponential'
      readonly firstMs: number
      readonly maxMs: number
      readonly attemptsMax?: number
      /** 0 to 1: the share of a delay that is drawn at random, so that many pages do not come back at once. Default 0. */
      readonly jitter?: number
    }
  | {
      readonly kind: 'linear'
      readonly firstMs: number
      readonly stepMs: number
      readonly maxMs: number
      readonly attemptsMax?: number
    }
  /** Doubles with each failure and halves with each success, whatever the incident: what works is tried sooner. */
  | {
      readonly kind: 'adaptive'
      readonly firstMs: number
      readonly maxMs: number
      readonly attemptsMax?: number
    }
  /** At most so many runs in any window of this length. */
  | { readonly kind: 'time-window'; readonly runsMax: number; readonly windowMs: number }
  /** The longest delay of all; gives up when one of them does. */
  | { readonly kind: 'composite'; readonly parts: readonly PolicySpec[] }
  /** Waits until the breaker of this key lets through. */
  | { readonly kind: 'breaker-aware'; readonly key: BreakerKey; readonly policy: PolicySpec }

/** Numbers that each kind must have. */
const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  exponential: ['firstMs', 'maxMs'],
  linear: ['firstMs', 'stepMs', 'maxMs'],
  adaptive: ['firstMs', 'maxMs'],
  'time-window': ['runsMax', 'windowMs'],
}
/** Composites of composites: more levels than anybody means. */
const DEPTH_MAX = 4

/** Whether a value from the app is a policy that can be made. */
export function isPolicySpec(value: unknown, depth = 0): value is PolicySpec {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return false
  const spec = value as Readonly<Record<string, unknown>>
  const numberOf = (name: string): number => (typeof spec[name] === 'number' ? spec[name] : Number.NaN)
  if (spec.kind === 'composite')
    return Array.isArray(spec.parts) && spec.parts.every((part) => isPolicySpec(part, depth + 1))
  if (spec.kind === 'breaker-aware')
    return /^(provider|connection|track)\/./.test(String(spec.key)) && isPolicySpec(spec.policy, depth + 1)
  const names = NUMBERS[String(spec.kind)]
  if (names === undefined || !names.every((name) => numberOf(name) >= 0 && numberOf(name) < Infinity))
    return false
  return spec.kind === 'time-window' ? numberOf('runsMax') >= 1 : numberOf('maxMs') >= numberOf('firstMs')
}
