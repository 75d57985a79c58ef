/** What an app may say of recovery, checked at the border. The script-tag file has no recovery desk and checks nothing. */
import { isPolicySpec } from '../repair/policies/policy-spec.js'

/** What is said where it cannot. */
export const RECOVERY_RULE = 'must have known parts with values that can work (docs/recovery.md)'

/** Bounds that keep a typing error from making a storm, or a recovery that never gives up. */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  maxConcurrent: [1, 16],
  maxPerMinute: [1, 600],
  budgetMs: [1_000, 3_600_000],
}

const BREAKERS: typeof RANGES = { failuresMax: [1, 100], openMs: [1, 3_600_000], successesMin: [1, 100] }

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
const isList = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem)
const isText = (value: unknown): boolean => typeof value === 'string'
const isWithin = (range: readonly [min: number, max: number] | undefined, value: unknown): boolean =>
  range !== undefined &&
  (value === undefined || (typeof value === 'number' && value >= range[0] && value <= range[1]))

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  strategies: (value) => isList(value, (one) => isMap(one) && isText(one.id) && typeof one.run === 'function'),
  policy: (value) => isPolicySpec(value),
  breakers: (value) =>
    isMap(value) && Object.entries(value).every(([name, one]) => isWithin(BREAKERS[name], one)),
  texts: (value) => isMap(value) && Object.values(value).every(isText),
  roles: (value) => isList(value, isText),
  reacquire: (value) => typeof value === 'function',
}

/** Whether option `recovery` can work; names nobody knows are refused, because they are typing errors. */
export function isRecovery(value: unknown): boolean {
  if (!isMap(value)) return false
  return Object.entries(value).every(([name, part]) => {
    if (part === undefined) return true
    return name in RANGES ? isWithin(RANGES[name], part) : (CHECKS[name]?.(part) ?? false)
  })
}
