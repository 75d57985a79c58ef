/** What an app may say of recovery, checked at the border. The script-tag file has no recovery desk and checks nothing. */
import { isPolicySpec } from '../repair/policies/policy-spec.js'

/** Bounds that keep a typing error from making a storm, or a recovery that never gives up. */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  maxConcurrent: [1, 16],
  maxPerMinute: [1, 600],
  budgetMs: [1_000, 3_600_000],
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
const isList = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem)
const isText = (value: unknown): boolean => typeof value === 'string'

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  strategies: (value) => isList(value, (one) => isMap(one) && isText(one.id) && typeof one.run === 'function'),
  policy: (value) => isPolicySpec(value),
  breakers: (value) => isMap(value) && Object.values(value).every((one) => Number.isFinite(one)),
  texts: (value) => isMap(value) && Object.values(value).every(isText),
  roles: (value) => isList(value, isText),
  reacquire: (value) => typeof value === 'function',
}

/** Whether option `recovery` can work; names nobody knows are refused, because they are typing errors. */
export function isRecovery(value: unknown): boolean {
  if (!isMap(value)) return false
  return Object.entries(value).every(([name, part]) => {
    const range = RANGES[name]
    if (part === undefined) return true
    if (range) return typeof part === 'number' && part >= range[0] && part <= range[1]
    return CHECKS[name]?.(part) ?? false
  })
}
