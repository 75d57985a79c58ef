import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { openArchive } from '../../../src/history/archive.js'
import type { Archive, PatternRow } from '../../../src/history/archive-contract.js'
import type { HistoryStore } from '../../../src/history/attempt.js'
import { openHistory } from '../../../src/history/history.js'
import { explanationOf, readingOf } from '../../support/archive-rows.js'
import { settled, stubIndexedDB } from '../../support/fake-indexed-db.js'
import { attemptOf } from '../../support/history-checks.js'

const NAME = 'archived'
const DAY_MS = 24 * 3600 * 1000
let closing: (() => Promise<void>)[] = []

beforeEach(() => {
  closing = []
  stubIndexedDB()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(closing.map((close) => close()))
  vi.unstubAllGlobals()
})

interface Opened {
  readonly archive: Archive
  readonly history: HistoryStore
}

function open(mode: 'indexeddb' | 'memory' = 'indexeddb', aheadMs = 0): Opened {
  const clock = { ...systemClock(), wallNow: () => Date.now() + aheadMs }
  const history = openHistory({ mode, databaseName: NAME, onWarning: () => undefined, clock })
  const archive = openArchive({ history, clock, names: () => ['Ana Lima'] })
  closing.push(() => {
    archive.close()
    return history.close()
  })
  return { archive, history }
}

const patternOf = (facts: Partial<PatternRow> = {}): PatternRow => {
  const counts = { successes: 1, failures: 0, successMs: 800, failureMs: 0 }
  const key = { signature: 'path-broken/path', context: 'c0', strategy: 'ice-restart' }
  return { id: 'p1', ...key, long: counts, short: counts, episode: 1, seen: 1, usedAtMs: 0, ...facts }
}

async function rowsIn(store: string): Promise<number> {
  const database = await settled(indexedDB.open(NAME))
  const count = await settled(database.transaction(store).objectStore(store).count())
  database.close()
  return count
}

for (const mode of ['indexeddb', 'memory'] as const)
  describe(`the archive in ${mode}`, () => {
    it('gives readings back oldest first, by room, time and series', async () => {
      const { archive } = open(mode)
      const nowMs = Date.now()
      const batch = [5000, 4000, 3000].map((agoMs) => readingOf({ atMs: nowMs - agoMs }))
      const newer = [
        readingOf({ atMs: nowMs - 2000 }),
        readingOf({ atMs: nowMs - 1000, series: 'connection/east' }),
      ]
      await archive.readings.append('team', batch)
      await archive.readings.append('team', newer)
      await archive.readings.append('other', [readingOf()])
      const query = { room: 'team' }
      expect(await archive.readings.query(query)).toEqual([...batch, ...newer])
      expect(await archive.readings.query({ ...query, fromMs: nowMs - 3500 })).toEqual([batch[2], ...newer])
      expect(await archive.readings.query({ ...query, toMs: nowMs - 3500 })).toEqual(batch.slice(0, 2))
      expect(await archive.readings.query({ ...query, series: 'connection/east' })).toEqual(newer.slice(1))
      expect(await archive.readings.query({ ...query, limit: 2 })).toEqual(newer)
    })

    it('drops what is no reading', async () => {
      const { archive } = open(mode)
      const values = { good: 1, bad: Number.NaN, none: null }
      await archive.readings.append('team', [
        readingOf({ values, tags: ['fine', 'NOT A TAG'], series: 'call' }),
        readingOf({ atMs: Number.POSITIVE_INFINITY }),
      ])
      const [kept, ...others] = await archive.readings.query({ room: 'team' })
      expect(others).toEqual([])
      expect(kept).toMatchObject({ values: { good: 1, none: null }, tags: ['fine'] })
      expect(kept?.values).not.toHaveProperty('bad')
    })

    it('P44 P43 finds the explanation of an attempt with its numbers, its runner-up and how it ended', async () => {
      const { archive } = open(mode)
      const row = explanationOf({ outcome: null })
      await archive.explain(row)
      await archive.explain({ ...row, outcome: 'failed', durationMs: 4000 })
      const found = await archive.explanation(row.id)
      expect(found).toMatchObject({ number: 1, outcome: 'failed', durationMs: 4000, propensity: 0.96 })
      expect(found?.options.map(({ strategy }) => strategy)).toEqual(['ice-restart', 'reconnect'])
      expect(await archive.explanations({ room: 'team' })).toHaveLength(1)
      expect(await archive.explanations({ room: 'other' })).toEqual([])
      expect(await archive.explanation('nothing')).toBeNull()
    })

    it('P48 erases all of a participant, and only theirs', async () => {
      const { archive, history } = open(mode)
      await history.put(attemptOf({ initiator: 'ana' }))
      const others = attemptOf({ initiator: 'bob' })
      await history.put(others)
      await archive.explain(explanationOf({ participant: 'ana' }))
      const theirs = explanationOf({ participant: 'bob' })
      await archive.explain(theirs)
      const reading = readingOf({ participant: 'bob' })
      await archive.readings.append('team', [readingOf({ participant: 'ana' }), reading])
      await archive.audit.append({ room: 'team', kind: 'k', participant: 'ana', facts: {} })
      await archive.audit.append({ room: 'team', kind: 'k', participant: 'bob', facts: {} })
      await archive.erase({ participant: 'ana' })
      expect(await history.list()).toEqual([others])
      expect((await archive.explanations({})).map(({ id }) => id)).toEqual([theirs.id])
      expect(await archive.readings.query({ room: 'team' })).toEqual([reading])
      const report = await archive.audit.verify()
      expect(report.isIntact).toBe(true)
      if (mode === 'memory') return
      expect(report).toMatchObject({ checked: 2, erased: 1 })
      expect((await archive.audit.list()).map(({ event }) => event?.participant)).toEqual(['bob'])
      expect(JSON.stringify(await archive.export())).not.toContain('"ana"')
    })

    it('P48 erases a room, or everything', async () => {
      const { archive, history } = open(mode)
      for (const room of ['team', 'other']) {
        await history.put(attemptOf({ room }))
        await archive.explain(explanationOf({ room }))
        await archive.readings.append(room, [readingOf()])
      }
      await archive.changePattern('p1', () => patternOf())
      await archive.erase({ room: 'team' })
      expect((await history.list()).map(({ room }) => room)).toEqual(['other'])
      expect((await archive.explanations({})).map(({ room }) => room)).toEqual(['other'])
      expect(await archive.readings.query({ room: 'team' })).toEqual([])
      await archive.erase()
      expect([await history.list(), await archive.explanations({}), await archive.patterns()]).toEqual([
        [],
        [],
        [],
      ])
      expect(await archive.readings.query({ room: 'other' })).toEqual([])
    })
  })

describe('the archive', () => {
  it('P42 counts the same failure in the same situation in one row', async () => {
    const { archive } = open()
    const incident = { id: 'abcd1234', signature: 'path-broken/path', context: 'c0', message: 'to 192.0.2.7' }
    for (let time = 0; time < 3; time += 1) await archive.countIncident(incident)
    await archive.countIncident({ ...incident, id: 'ffff0000' })
    const rows = await archive.incidents()
    expect(rows.map(({ id, count }) => [id, count])).toEqual([
      ['abcd1234', 3],
      ['ffff0000', 1],
    ])
    expect(rows[0]?.message).toBe('to [address]')
  })

  it('loses nothing when two tabs change one pattern at once', async () => {
    const tabs = [open().archive, open().archive]
    const change = (before: PatternRow | null): PatternRow => patternOf({ seen: (before?.seen ?? 0) + 1 })
    await Promise.all(Array.from({ length: 20 }, (_, index) => tabs[index % 2]?.changePattern('p1', change)))
    expect((await tabs[0]?.patterns())?.[0]?.seen).toBe(20)
  })

  it('P15 P47 forgets readings after a day, explanations and rare patterns after 90, and keeps frequent ones', async () => {
    const { archive } = open()
    await archive.readings.append('team', [readingOf()])
    await archive.explain(explanationOf({ atMs: Date.now() }))
    await archive.changePattern('rare', () => patternOf({ id: 'rare', seen: 9 }))
    await archive.changePattern('often', () => patternOf({ id: 'often', seen: 10 }))
    await archive.audit.append({ room: 'team', kind: 'k', participant: null, facts: {} })
    const counts = async (): Promise<readonly number[]> =>
      Promise.all(['readings', 'explanations', 'patterns', 'events'].map(rowsIn))
    await open('indexeddb', 0.9 * DAY_MS).archive.prune()
    expect(await counts()).toEqual([1, 1, 2, 1])
    await open('indexeddb', 1.1 * DAY_MS).archive.prune()
    expect(await counts()).toEqual([0, 1, 2, 1])
    await open('indexeddb', 91 * DAY_MS).archive.prune()
    expect(await counts()).toEqual([0, 0, 1, 0])
    expect((await archive.patterns()).map(({ id }) => id)).toEqual(['often'])
  })

  it('prunes more than fits into one piece', async () => {
    const { archive } = open()
    for (let count = 0; count < 230; count += 1)
      await archive.readings.append('team', [readingOf({ atMs: Date.now() - 2 * DAY_MS })])
    await archive.prune()
    expect(await rowsIn('readings')).toBe(0)
  })

  it('P49 exports everything as plain data', async () => {
    const { archive, history } = open()
    await history.put(attemptOf())
    await archive.explain(explanationOf())
    await archive.audit.append({ room: 'team', kind: 'k', participant: null, facts: {} })
    const exported = JSON.parse(JSON.stringify(await archive.export()))
    expect(exported).toMatchObject({ format: 'holdfast-history', version: 2 })
    for (const name of ['attempts', 'explanations', 'events']) expect(exported[name]).toHaveLength(1)
    for (const name of ['incidents', 'readings', 'patterns']) expect(exported[name]).toEqual([])
  })

  it('ignores rows that something else wrote', async () => {
    const { archive } = open()
    await archive.patterns()
    const database = await settled(indexedDB.open(NAME))
    const rows = database.transaction('patterns', 'readwrite').objectStore('patterns')
    await settled(rows.put({ id: 'p1', long: 'many' }))
    database.close()
    expect(await archive.patterns()).toEqual([])
    expect(
      await archive.changePattern('p1', (before) => patternOf({ seen: before === null ? 1 : 99 })),
    ).toMatchObject({
      seen: 1,
    })
  })

  it('P26 P48 says nothing and breaks nothing when the database goes away under it', async () => {
    const { archive, history } = open()
    await archive.explain(explanationOf())
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('closing', 'InvalidStateError')
    })
    const row = explanationOf()
    await archive.explain(row)
    expect(history.mode).toBe('memory')
    expect(await archive.explanation(row.id)).toMatchObject({ id: row.id })
    expect(await archive.changePattern('p1', () => patternOf())).toBeNull()
    expect(await archive.patterns()).toEqual([])
    await archive.audit.append({ room: 'team', kind: 'k', participant: null, facts: {} })
    expect(await archive.audit.verify()).toMatchObject({ isIntact: true, checked: 1 })
    await archive.erase({ participant: 'ana' })
    await archive.prune()
  })
})
