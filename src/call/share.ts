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
  let isSame = Object.keys(previous).length === keys.length
  // Nearly always all of it is as before; only what differs is worth a new object.
  const shared = keys.map((key) => {
    const value = shareUnchanged(previous[key], next[key])
    isSame &&= key in previous && Object.is(value, previous[key])
    return value
  })
  return isSame ? previous : Object.fromEntries(keys.map((key, index) => [key, shared[index]]))
}

/** Streams and errors are told apart by identity alone. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
