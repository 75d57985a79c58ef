/**
 * Structural sharing between snapshots: what did not change keeps its identity, so that a selector or a
 * framework sees at a glance what did.
 */

/** `next`, with every part that equals the same part of `previous` replaced by it; `previous` if all do. */
export function shareUnchanged<Value>(previous: Value, next: Value): Value {
  if (Object.is(previous, next)) return previous
  if (Array.isArray(previous) && Array.isArray(next)) return shareArray(previous, next) as Value
  if (isPlain(previous) && isPlain(next)) return shareRecord(previous, next) as Value
  return next
}

function shareArray(previous: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const shared = next.map((item, index) => shareUnchanged(previous[index], item))
  const isSame = previous.length === next.length && shared.every((item, index) => item === previous[index])
  return isSame ? previous : shared
}

function shareRecord(
  previous: Readonly<Record<string, unknown>>,
  next: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const keys = Object.keys(next)
  const shared = Object.fromEntries(keys.map((key) => [key, shareUnchanged(previous[key], next[key])]))
  const isSame =
    Object.keys(previous).length === keys.length &&
    keys.every((key) => key in previous && Object.is(shared[key], previous[key]))
  return isSame ? previous : shared
}

/** Streams and errors are told apart by identity alone. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
