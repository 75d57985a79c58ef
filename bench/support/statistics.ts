/** The few statistics that figures are made of. */
import type { Figure } from '../figure.js'

/** The p-quantile (nearest rank) of a list; NaN of an empty one. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN
}

/** The median. */
export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** A figure that must not exceed its bar; without a bar it is only reported. */
export function atMost(name: string, value: number, unit: string, bar: number | null, n: number): Figure {
  return {
    name,
    value: Math.round(value * 1000) / 1000,
    unit,
    bar: bar === null ? null : `<= ${bar}`,
    // Nothing measured holds no bar.
    holds: bar === null ? null : n > 0 && value <= bar,
    n,
  }
}

/** A figure that must not fall below its bar; without a bar it is only reported. */
export function atLeast(name: string, value: number, unit: string, bar: number | null, n: number): Figure {
  return {
    name,
    value: Math.round(value * 1000) / 1000,
    unit,
    bar: bar === null ? null : `>= ${bar}`,
    holds: bar === null ? null : n > 0 && value >= bar,
    n,
  }
}

/** Differences between neighbours of an ascending list. */
export function gapsOf(times: readonly number[]): readonly number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? time))
}

/** The longest gap that ends after `fromMs` and begins before `toMs`; infinite when nothing came after `fromMs`. */
export function longestGap(times: readonly number[], fromMs: number, toMs: number): number {
  const start = times.findLastIndex((time) => time <= fromMs)
  const window = times.slice(Math.max(0, start)).filter((time, index) => index === 0 || time <= toMs)
  if (window.length < 2) return Number.POSITIVE_INFINITY
  return Math.max(...gapsOf(window))
}
