import { openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HoldfastError } from '../../../src/errors.js'
import type { HistoryStore } from '../../../src/history/attempt.js'
import { openHistory } from '../../../src/history/history.js'
import { corruptPatterns, dropCorruptPatterns, isMigrated, isReadable } from '../../../src/history/integrity.js'
import { stubIndexedDB } from '../../support/fake-indexed-db.js'
import { attemptOf } from '../../support/history-checks.js'

const NAME = 'history-under-test'
let warnings: HoldfastError[] = []
let store: HistoryStore

beforeEach(() => {
  warnings = []
  stubIndexedDB()
})
afterEach(async () => {
  await store.close()
  vi.unstubAllGlobals()
})

const open = (): HistoryStore =>
  openHistory({ mode: 'indexeddb', databaseName: NAME, onWarning: (error) => void warnings.push(error) })

describe('a history that lost its database', () => {
  it('P33 finds it again, and writes down what was kept in memory meanwhile', async () => {
    const { open: real } = indexedDB
    let isBroken = true
    vi.spyOn(indexedDB, 'open').mockImplementation((...input) => {
      if (isBroken) throw new DOMException('no', 'UnknownError')
      return real.apply(indexedDB, input)
    })
    store = open()
    await store.put(attemptOf({ id: 'kept-in-memory' }))
    expect(store.mode).toBe('memory')
    expect(await store.reconnect?.()).toBe(false)
    expect(warnings).toHaveLength(1)
    isBroken = false
    expect(await store.reconnect?.()).toBe(true)
    expect(store.mode).toBe('indexeddb')
    const other = open()
    expect((await other.list()).map(({ id }) => id)).toEqual(['kept-in-memory'])
    await other.close()
    expect(warnings).toHaveLength(1)
  })

  it('a history that has its database, or that never wants one, is left as it is', async () => {
    store = open()
    expect(await store.reconnect?.()).toBe(true)
    const memory = openHistory({ mode: 'memory', onWarning: () => undefined })
    expect(await memory.reconnect?.()).toBe(false)
    await store.close()
    expect(await store.reconnect?.()).toBe(false)
  })
})

describe('the integrity of a database', () => {
  it('P33 is readable and has all of its stores, or there is none', async () => {
    store = open()
    expect([await isReadable(store), await isMigrated(store)]).toEqual([true, true])
    await store.close()
    expect([await isReadable(store), await isMigrated(store)]).toEqual([false, false])
  })

  it('P33 patterns that cannot be understood are found and dropped, the others stay', async () => {
    store = open()
    await store.put(attemptOf())
    const counts = { successes: 1, failures: 0, successMs: 500, failureMs: 0 }
    const sound = { signature: 's', context: 'c', strategy: 'reconnect', long: counts, short: counts }
    const database = await openDB(NAME)
    await database.put('patterns', { ...sound, id: 'sound', episode: 1, seen: 1, usedAtMs: 5 })
    await database.put('patterns', { id: 'torn', long: 'what?' })
    database.close()
    expect(await corruptPatterns(store)).toEqual(['torn'])
    expect(await dropCorruptPatterns(store)).toBe(1)
    expect(await corruptPatterns(store)).toEqual([])
  })
})
