import * as fake from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Clock } from '../../../src/clock.js'
import type { HoldfastError } from '../../../src/errors.js'
import type { HistoryStore } from '../../../src/history/attempt.js'
import { openHistory } from '../../../src/history/history.js'
import { settled, stubIndexedDB } from '../../support/fake-indexed-db.js'
import { attemptOf, type HistorySetup, historyChecks } from '../../support/history-checks.js'

const NAME = 'history-under-test'
let warnings: HoldfastError[] = []
let opened: HistoryStore[] = []

beforeEach(() => {
  warnings = []
  opened = []
  stubIndexedDB()
})
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()))
  vi.unstubAllGlobals()
})

const open = (mode: 'indexeddb' | 'memory' = 'indexeddb', clock?: Clock): HistoryStore => {
  const onWarning = (error: HoldfastError) => void warnings.push(error)
  const store = openHistory({ mode, onWarning, databaseName: NAME, ...(clock ? { clock } : {}) })
  opened.push(store)
  return store
}

for (const mode of ['memory', 'indexeddb'] as const)
  describe(`a history in ${mode}`, () => {
    const setup: HistorySetup = {
      open: () => open(mode),
      isPersistent: mode === 'indexeddb',
    }
    for (const check of historyChecks)
      it(check.name, async () => {
        await check.run(setup)
        expect(warnings).toEqual([])
      })
  })

describe('a history whose database fails', () => {
  it('goes on in memory with one warning where there is no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined)
    const store = open()
    const attempt = attemptOf()
    await store.put(attempt)
    await store.put(attempt)
    expect(await store.list()).toEqual([attempt])
    expect(store.mode).toBe('memory')
    expect(warnings.map((warning) => warning.code)).toEqual(['storage-unavailable'])
  })

  it('says that a private window forbids storage without losing an attempt', async () => {
    vi.stubGlobal('indexedDB', {
      open: () => {
        throw new DOMException('denied', 'SecurityError')
      },
    })
    const store = open()
    const attempt = attemptOf()
    await store.put(attempt)
    expect(await store.list()).toEqual([attempt])
    expect(warnings.map((warning) => warning.code)).toEqual(['storage-unavailable'])
  })

  it('keeps what no longer fits on the disk in memory', async () => {
    const store = open()
    const first = attemptOf()
    await store.put(first)
    vi.spyOn(fake.IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    const second = attemptOf()
    await store.put(second)
    vi.restoreAllMocks()
    expect(await store.list()).toEqual([second, first])
    expect(warnings.map((warning) => warning.code)).toEqual(['storage-quota'])
  })

  it('reopens once and repeats the work when the browser closed the connection', async () => {
    const store = open()
    const first = attemptOf()
    await store.put(first)
    const [database] = await connectionsMadeBy(() => store.list())
    fake.forceCloseDatabase(database as never)
    const second = attemptOf()
    await store.put(second)
    expect(await store.list()).toEqual([second, first])
    expect(store.mode).toBe('indexeddb')
    expect(warnings).toEqual([])
  })

  it('repeats the work once when a connection turns out closed without any event', async () => {
    const store = open()
    await store.list()
    vi.spyOn(fake.IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw new DOMException('closing', 'InvalidStateError')
    })
    const attempt = attemptOf()
    await store.put(attempt)
    vi.restoreAllMocks()
    expect(await store.list()).toEqual([attempt])
    expect(store.mode).toBe('indexeddb')
  })

  it('falls back when the connection is lost again and again', async () => {
    const store = open()
    const first = attemptOf()
    await store.put(first)
    vi.spyOn(fake.IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('closing', 'InvalidStateError')
    })
    expect(await store.list()).toEqual([first])
    vi.restoreAllMocks()
    expect(store.mode).toBe('memory')
    expect(warnings.map((warning) => warning.code)).toEqual(['storage-closed'])
  })

  it('gives way to a newer version in a second tab and goes on in memory', async () => {
    const store = open()
    const attempt = attemptOf()
    await store.put(attempt)
    const upgraded = await upgradeInSecondTab(3)
    expect(await store.list()).toEqual([attempt])
    expect(store.mode).toBe('memory')
    expect(warnings.map((warning) => warning.code)).toEqual(['storage-newer'])
    upgraded.close()
  })

  it('leaves a history of a newer version untouched', async () => {
    ;(await upgradeInSecondTab(7)).close()
    const store = open()
    const attempt = attemptOf()
    await store.put(attempt)
    expect(await store.list()).toEqual([attempt])
    expect(warnings.map((warning) => warning.code)).toEqual(['storage-newer'])
  })

  it('starts afresh when another tab deletes the database', async () => {
    const store = open()
    await store.put(attemptOf())
    await settled(indexedDB.deleteDatabase(NAME))
    const attempt = attemptOf()
    await store.put(attempt)
    expect(await store.list()).toEqual([attempt])
    expect(store.mode).toBe('indexeddb')
    expect(warnings).toEqual([])
  })

  it('does not wait for ever for a database that another tab blocks', async () => {
    vi.stubGlobal('indexedDB', { open: () => new fake.IDBOpenDBRequest() })
    const clock = manualClock()
    const store = open('indexeddb', clock)
    const attempt = attemptOf()
    const writing = store.put(attempt)
    await vi.waitFor(() => expect(clock.waiting()).toBeGreaterThan(0))
    clock.advance(3000)
    await writing
    expect(await store.list()).toEqual([attempt])
    expect(warnings.map((warning) => warning.code)).toEqual(['storage-closed'])
  })

  it('ignores rows that something else wrote into its table', async () => {
    const store = open()
    const attempt = attemptOf()
    await store.put(attempt)
    const database = await settled(indexedDB.open(NAME))
    const transaction = database.transaction('attempts', 'readwrite')
    await settled(transaction.objectStore('attempts').put({ id: 'x', startedAtMs: Date.now(), room: 'team' }))
    database.close()
    expect(await store.list()).toEqual([attempt])
  })
})

describe('retention', () => {
  it('prunes expired and surplus attempts some seconds after opening, not while writing', async () => {
    const clock = manualClock()
    const store = open('indexeddb', clock)
    for (let day = 0; day < 10; day += 1)
      await store.put(attemptOf({ startedAtMs: Date.now() - day * 24 * 3600 * 1000 - 1000 }))
    expect(await rowCount()).toBe(10)
    clock.advance(5000)
    await vi.waitFor(async () => expect(await rowCount()).toBe(7))
  })

  it('P47 keeps what failed for 90 days', async () => {
    const clock = manualClock()
    const store = open('indexeddb', clock)
    const daysAgo = (days: number): number => Date.now() - days * 24 * 3600 * 1000 - 1000
    const failed = attemptOf({ startedAtMs: daysAgo(30), outcome: 'failed' })
    await store.put(failed)
    await store.put(attemptOf({ startedAtMs: daysAgo(30) }))
    await store.put(attemptOf({ startedAtMs: daysAgo(100), outcome: 'failed' }))
    expect(await store.list()).toEqual([failed])
    clock.advance(5000)
    await vi.waitFor(async () => expect(await rowCount()).toBe(1))
    expect(await store.list()).toEqual([failed])
  })

  it('prunes in pieces, so that a week of trouble does not hold the page', async () => {
    const clock = manualClock()
    const store = open('indexeddb', clock)
    await store.list()
    const database = await settled(indexedDB.open(NAME))
    const rows = database.transaction('attempts', 'readwrite').objectStore('attempts')
    for (let count = 0; count < 350; count += 1)
      rows.put(attemptOf({ startedAtMs: Date.now() - 8 * 24 * 3600 * 1000 - count }))
    await new Promise((resolve) => rows.transaction.addEventListener('complete', resolve))
    database.close()
    clock.advance(5000)
    await vi.waitFor(async () => expect(await rowCount()).toBe(300))
    await vi.waitFor(async () => {
      clock.advance(16)
      expect(await rowCount()).toBe(0)
    })
  })

  it('answers with the newest 5,000', async () => {
    const clock = manualClock()
    const store = open('indexeddb', clock)
    await store.list()
    const database = await settled(indexedDB.open(NAME))
    const rows = database.transaction('attempts', 'readwrite').objectStore('attempts')
    for (let count = 0; count < 5010; count += 1) rows.put(attemptOf())
    await new Promise((resolve) => rows.transaction.addEventListener('complete', resolve))
    database.close()
    expect(await store.list()).toHaveLength(5000)
  })

  it('bounds memory too', async () => {
    const store = open('memory')
    const written = Array.from({ length: 5003 }, () => attemptOf())
    for (const attempt of written) await store.put(attempt)
    expect(await store.list()).toHaveLength(5000)
    expect((await store.list()).at(-1)?.id).toBe(written[3]?.id)
  })

  it('an attempt takes at most about 500 bytes', async () => {
    const store = open('memory')
    await store.put(attemptOf({ id: crypto.randomUUID(), room: 'weekly-planning', reason: 'x '.repeat(900) }))
    expect(JSON.stringify(await store.list()).length).toBeLessThan(550)
  })
})

async function upgradeInSecondTab(version: number): Promise<IDBDatabase> {
  return settled(indexedDB.open(NAME, version))
}

async function rowCount(): Promise<number> {
  const database = await settled(indexedDB.open(NAME))
  const count = await settled(database.transaction('attempts').objectStore('attempts').count())
  database.close()
  return count
}

async function connectionsMadeBy(work: () => Promise<unknown>): Promise<IDBDatabase[]> {
  const seen = new Set<IDBDatabase>()
  const transaction = fake.IDBDatabase.prototype.transaction
  vi.spyOn(fake.IDBDatabase.prototype, 'transaction').mockImplementation(function (
    this: IDBDatabase,
    ...parameters
  ) {
    seen.add(this)
    return transaction.apply(this, parameters)
  })
  await work()
  vi.restoreAllMocks()
  return [...seen]
}

function manualClock(): Clock & { advance(ms: number): void; waiting(): number } {
  let nowMs = 0
  const tasks = new Set<{ readonly dueMs: number; readonly task: () => void }>()
  return {
    now: () => nowMs,
    wallNow: () => Date.now(),
    after(delayMs, task) {
      const entry = { dueMs: nowMs + delayMs, task }
      tasks.add(entry)
      return () => tasks.delete(entry)
    },
    advance(ms) {
      nowMs += ms
      for (const entry of [...tasks])
        if (entry.dueMs <= nowMs) {
          tasks.delete(entry)
          entry.task()
        }
    },
    waiting: () => tasks.size,
  }
}
