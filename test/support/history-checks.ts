/**
 * What every history store promises, as plain checks without a test runner: vitest runs them against memory
 * and fake IndexedDB, a page in Chromium against the real one.
 */
import type { Attempt, HistoryStore } from '../../src/history/attempt.js'

/** One store under test; `open()` again is a later page that finds the same storage. */
export interface HistorySetup {
  open(): HistoryStore
  readonly isPersistent: boolean
}

/** One promise. */
export interface HistoryCheck {
  readonly name: string
  run(setup: HistorySetup): Promise<void>
}

let made = 0

/** An attempt that began a moment ago; ids are time-ordered. */
export function attemptOf(facts: Partial<Attempt> = {}): Attempt {
  made += 1
  return {
    id: `a-${String(made).padStart(6, '0')}`,
    room: 'team',
    incident: 'provider-dead',
    strategy: 'switch-provider',
    initiator: 'automatic',
    reason: 'east stopped answering',
    from: 'east',
    to: 'west',
    lineage: '0.f.0.f',
    epoch: 3,
    startedAtMs: Date.now() - 60_000 + made,
    durationMs: 420,
    mediaGapMs: 310,
    outcome: 'succeeded',
    ...facts,
  }
}

export const historyChecks: readonly HistoryCheck[] = [
  {
    name: 'attempts come back unchanged, newest first',
    async run(setup) {
      const store = setup.open()
      const written = [attemptOf(), attemptOf({ outcome: 'failed', mediaGapMs: null }), attemptOf()]
      for (const attempt of written) await store.put(attempt)
      equal(await store.list(), [...written].reverse())
    },
  },
  {
    name: 'putting the same id again overwrites',
    async run(setup) {
      const store = setup.open()
      const open = attemptOf({ outcome: 'in-progress', durationMs: null })
      await store.put(open)
      await store.put(open)
      await store.put({ ...open, outcome: 'succeeded', durationMs: 900 })
      equal(await store.list(), [{ ...open, outcome: 'succeeded', durationMs: 900 }])
    },
  },
  {
    name: 'list is limited and separated by room',
    async run(setup) {
      const store = setup.open()
      const [first, other, second] = [attemptOf(), attemptOf({ room: 'other' }), attemptOf()]
      for (const attempt of [first, other, second]) await store.put(attempt)
      equal(await store.list({ room: 'team' }), [second, first])
      equal(await store.list({ room: 'other' }), [other])
      equal(await store.list({ limit: 1 }), [second])
      equal(await store.list({ room: 'nowhere' }), [])
    },
  },
  {
    name: 'P21 P47 attempts older than 7 days are not shown',
    async run(setup) {
      const store = setup.open()
      await store.put(attemptOf({ startedAtMs: Date.now() - 8 * 24 * 3600 * 1000 }))
      const fresh = attemptOf()
      await store.put(fresh)
      equal(await store.list(), [fresh])
    },
  },
  {
    name: 'strings are cut and secrets removed before they are kept',
    async run(setup) {
      const store = setup.open()
      const token = `eyJhbGciOi.${'x'.repeat(80)}.sig`
      await store.put(attemptOf({ reason: `refused ${token} at 192.0.2.7:5000`, room: 'r'.repeat(5000) }))
      const [kept] = await store.list({ room: 'r'.repeat(5000) })
      equal(kept?.reason, 'refused [removed] at [address]')
      equal(kept?.room.length, 128)
    },
  },
  {
    name: 'own open attempts are never settled as abandoned',
    async run(setup) {
      const store = setup.open()
      await store.put(attemptOf({ outcome: 'in-progress', durationMs: null }))
      equal(await store.settleAbandoned('team'), 0)
      equal((await store.list())[0]?.outcome, 'in-progress')
    },
  },
  {
    name: 'P22 what an earlier page left open is cancelled once, in its room only',
    async run(setup) {
      const earlier = setup.open()
      await earlier.put(attemptOf({ outcome: 'in-progress', durationMs: null }))
      await earlier.put(attemptOf({ outcome: 'in-progress', durationMs: null, room: 'other' }))
      await earlier.close()
      const later = setup.open()
      equal(await later.settleAbandoned('team'), setup.isPersistent ? 1 : 0)
      equal(await later.settleAbandoned('team'), 0)
      const outcomes = (await later.list()).map((attempt) => `${attempt.room} ${attempt.outcome}`)
      equal(outcomes, setup.isPersistent ? ['other in-progress', 'team cancelled'] : [])
    },
  },
  {
    name: 'erase removes one room or everything',
    async run(setup) {
      const store = setup.open()
      const other = attemptOf({ room: 'other' })
      for (const attempt of [attemptOf(), other, attemptOf()]) await store.put(attempt)
      await store.erase({ room: 'team' })
      equal(await store.list(), [other])
      await store.erase()
      equal(await store.list(), [])
    },
  },
  {
    name: 'closing waits for writes under way, is idempotent, and later calls do not throw',
    async run(setup) {
      const store = setup.open()
      const attempt = attemptOf()
      const writing = store.put(attempt)
      await store.close()
      await store.close()
      await writing
      await store.put(attemptOf())
      equal(await store.settleAbandoned('team'), 0)
      if (setup.isPersistent) equal(await setup.open().list(), [attempt])
    },
  },
]

function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}
