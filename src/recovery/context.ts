/**
 * Names for situations. A signature says what went wrong, a context under which circumstances; both are made
 * of a few closed words, never of people, rooms or addresses. Contexts that share most of their features
 * learn from each other. Pure.
 */
import type { Incident } from './incident.js'
import { shortHash } from './pattern.js'

/** Circumstances of an incident, coarse on purpose: with more contexts each would stay unknown. */
export interface Circumstances {
  /** `whip`, `janus`, `mesh` or an app's own. */
  readonly provider: string
  readonly network: 'wifi' | 'cellular' | 'ethernet' | 'unknown'
  readonly browser: 'chromium' | 'firefox' | 'safari' | 'other'
  /** Whether anything was tried for this incident before. */
  readonly stage: 'first' | 'later'
}

/** How much each feature says about which repair works: the path first, the browser least. */
const FEATURE_WEIGHT: Readonly<Record<string, number>> = { provider: 3, stage: 3, network: 2, browser: 1 }
/** Contexts more alike than this share what was learned (promise P61). */
export const SIMILAR_ABOVE = 0.7
/** What went wrong and whose fault it is, e.g. `path-broken/path` or `packet-loss/my-network`. */
export function signatureOf({ kind, blame, culprit }: Pick<Incident, 'kind' | 'blame' | 'culprit'>): string {
  return `${kind}/${culprit ?? blame}`
}

/** The circumstances as one string, e.g. `browser=chromium;network=wifi;provider=whip;stage=first`. */
export function contextOf(circumstances: Circumstances): string {
  return Object.entries(circumstances)
    .map(([name, value]) => `${name}=${value.replace(/[^\w-]/g, '').slice(0, 24)}`)
    .sort()
    .join(';')
}

/** A short name of a whole situation, the same on every page and device (promise P42). */
export function hashOf(signature: string, context: string): string {
  return shortHash(`${signature}|${context}`)
}

/** 0 to 1: the weighted share of equal features; contexts that are no lists of features are alike or not. */
export function similarity(one: string, other: string): number {
  if (one === other) return 1
  const others = featuresOf(other)
  let equal = 0
  let all = 0
  for (const [name, value] of featuresOf(one)) {
    if (value === undefined || !others.has(name)) return 0
    const weight = FEATURE_WEIGHT[name] ?? 1
    all += weight
    if (others.get(name) === value) equal += weight
  }
  return all === 0 ? 0 : equal / all
}

function featuresOf(context: string): Map<string, string | undefined> {
  return new Map(
    context.split(';').map((feature) => {
      const [name = '', value] = feature.split('=')
      return [name, value]
    }),
  )
}
