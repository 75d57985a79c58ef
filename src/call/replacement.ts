/**
 * A second connection to the same provider that takes the place of the first, for the recovery desk: opened beside it,
 * preferred when it is connected, and in its place as soon as everybody's media arrives on it. The repair loop goes
 * first: where it begins, this gives up.
 */
import { HoldfastError } from '../errors.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'

/** The old connection goes once the new one is shown, or after this long. */
const OLD_KEPT_MS = 5_000
/** Fine enough not to be felt in a gap. */
const LOOK_EVERY_MS = 25

/** Replaces `old`; rejects with nothing changed. */
export async function replaceConnection(
  core: CallCore,
  old: PoolEntry,
  isRelayOnly: boolean,
  isGivenUp: () => boolean,
): Promise<PoolEntry> {
  const { pool, held, remote } = core
  const fresh = pool.open(old.provider, old.isPublishing, isRelayOnly ? 'relay' : 'all')
  held.add(old.id).add(fresh.id)
  const isCurrent = core.currentEntryId === old.id || core.reading?.current?.id === old.id
  try {
    await until(core, isGivenUp, () => fresh.state === 'connected', fresh)
    if (isCurrent) remote.prefer(fresh.id)
    await until(core, isGivenUp, () => isFlowing(core, fresh), fresh)
  } catch (error) {
    held.delete(old.id)
    held.delete(fresh.id)
    if (isCurrent && old.state !== 'closed') remote.prefer(core.currentEntryId ?? old.id)
    void pool.close(fresh)
    core.requestRefresh()
    throw error
  }
  if (isCurrent) core.currentEntryId = fresh.id
  core.requestRefresh()
  void retire(core, old, fresh)
  return fresh
}

function isFlowing({ reading, remote }: CallCore, { id }: PoolEntry): boolean {
  const expected = reading?.expected ?? new Map<string, readonly string[]>()
  return expected.size === 0 || remote.isFlowing(id, expected)
}

async function until(
  { clock }: CallCore,
  isGivenUp: () => boolean,
  isThere: () => boolean,
  fresh: PoolEntry,
): Promise<void> {
  while (!isThere()) {
    if (fresh.state === 'failed' || fresh.state === 'closed')
      throw fresh.error ?? new HoldfastError('provider-network')
    if (isGivenUp()) throw new HoldfastError('closed')
    await new Promise<void>((resolve) => void clock.after(LOOK_EVERY_MS, resolve))
  }
}

/** What people see may still come from the old one for a moment. */
async function retire(core: CallCore, old: PoolEntry, fresh: PoolEntry): Promise<void> {
  const { clock, held, pool } = core
  const sinceMs = clock.now()
  const isDone = (): boolean => core.reading?.isShown === true || clock.now() - sinceMs > OLD_KEPT_MS
  do await new Promise<void>((resolve) => void clock.after(LOOK_EVERY_MS, resolve))
  while (!isDone())
  held.delete(old.id)
  held.delete(fresh.id)
  await pool.close(old)
  core.requestRefresh()
}
