import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readClaims, writeClaims } from '../../../src/call/claims.js'
import type { CallCore } from '../../../src/call/core.js'
import { type Experience, openExperience } from '../../../src/call/experience.js'
import { parsePatternFile } from '../../../src/call/pattern-file.js'
import { patternsOf } from '../../../src/call/recovery-figures.js'
import { systemClock } from '../../../src/clock.js'
import type { Attempt, HistoryStore } from '../../../src/history/attempt.js'
import { openHistory } from '../../../src/history/history.js'
import { hashOfKey } from '../../../src/recovery/pattern.js'
import { stubIndexedDB } from '../../support/fake-indexed-db.js'
import { attemptOf } from '../../support/history-checks.js'

interface Opened {
  readonly experience: Experience
  readonly history: HistoryStore
  readonly announced: string[]
}

let opened: Opened[] = []

beforeEach(() => {
  opened = []
  stubIndexedDB()
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const { experience } of opened) experience.close()
  await Promise.all(opened.map(({ history }) => history.close()))
  vi.unstubAllGlobals()
})

async function open(
  facts: { mode?: 'indexeddb' | 'memory'; isLearning?: boolean; learned?: readonly string[] } = {},
): Promise<Opened> {
  const clock = systemClock()
  const history = openHistory({ mode: facts.mode ?? 'indexeddb', onWarning: () => undefined, clock })
  const announced: string[] = []
  const experience = await openExperience({
    history,
    clock,
    me: 'ana',
    kindOf: () => 'whip',
    isLearning: facts.isLearning ?? true,
    names: () => ['Ana Lima'],
    learned: () => facts.learned ?? [],
    announce: (text) => announced.push(text),
    random: () => 0.99,
  })
  const one = { experience, history, announced }
  opened.push(one)
  return one
}

const QUESTION = {
  incident: { kind: 'path-broken', blame: 'path', severity: 'high' },
  provider: 'east',
  attempts: 0,
  strategies: ['ice-restart', 'reconnect'],
} as const

/** One repair from its choice to its end. */
function live(experience: Experience, strategy: string, outcome: Attempt['outcome']): Attempt {
  experience.choose(QUESTION)
  const begun = attemptOf({
    incident: 'path-broken',
    strategy,
    from: 'east',
    to: 'east',
    reason: 'The path broke for Ana Lima.',
    startedAtMs: Date.now(),
    outcome: 'in-progress',
    durationMs: null,
    mediaGapMs: null,
  })
  experience.saw(begun)
  const mediaGapMs = outcome === 'succeeded' ? 900 : 4000
  const ended: Attempt = { ...begun, outcome, durationMs: mediaGapMs, mediaGapMs }
  experience.saw(ended)
  return ended
}

function liveMany(experience: Experience, count: number): void {
  for (let time = 0; time < count; time += 1) {
    live(experience, 'ice-restart', 'failed')
    live(experience, 'reconnect', 'succeeded')
  }
}

describe('experience', () => {
  it('P17 P29 takes the usual order at first, and what works here once it knows', async () => {
    const { experience } = await open()
    expect(experience.choose(QUESTION)).toBe('ice-restart')
    liveMany(experience, 8)
    expect(experience.choose(QUESTION)).toBe('reconnect')
  })

  it('P29 is still known on the next page', async () => {
    const first = await open()
    liveMany(first.experience, 8)
    await vi.waitFor(async () =>
      expect((await first.experience.archive.patterns()).map(({ seen }) => seen)).toEqual([8, 8]),
    )
    const second = await open()
    expect(second.experience.choose(QUESTION)).toBe('reconnect')
  })

  it('P20 P46 chooses from memory: nothing is read for it, however much is stored', async () => {
    const { experience, history } = await open()
    liveMany(experience, 8)
    const reads = vi.spyOn(history, 'work')
    for (let time = 0; time < 200; time += 1) expect(experience.choose(QUESTION)).not.toBeNull()
    expect(reads).not.toHaveBeenCalled()
  })

  it('P20 success rate and mean duration of each method, in each situation', async () => {
    const { experience } = await open()
    liveMany(experience, 3)
    live(experience, 'ice-restart', 'succeeded')
    await vi.waitFor(async () =>
      expect((await experience.archive.patterns()).map(({ seen }) => seen)).toEqual([4, 3]),
    )
    const core = { archive: experience.archive } as unknown as CallCore
    const found = await patternsOf(core)
    expect(found).toMatchObject([
      { signature: 'path-broken/path', strategy: 'ice-restart', seen: 4 },
      { signature: 'path-broken/path', strategy: 'reconnect', seen: 3, successRate: 1 },
    ])
    expect(found[0]?.successRate).toBeCloseTo(0.25, 2)
    for (const { meanMs } of found) expect(meanMs).toBeCloseTo(900, 0)
  })

  it('P26 chooses nothing when learning is off, and learns without a database', async () => {
    const off = await open({ isLearning: false })
    liveMany(off.experience, 8)
    expect(off.experience.choose(QUESTION)).toBeNull()
    expect(off.announced).toEqual([])
    const memory = await open({ mode: 'memory' })
    liveMany(memory.experience, 8)
    expect(memory.experience.choose(QUESTION)).toBe('reconnect')
  })

  it('P43 P44 explains every attempt: number, numbers of the options, why, how it ended; names are left out', async () => {
    const { experience } = await open()
    liveMany(experience, 4)
    const ended = live(experience, 'ice-restart', 'failed')
    await vi.waitFor(async () =>
      expect(await experience.archive.explanation(ended.id)).toMatchObject({ outcome: 'failed' }),
    )
    const row = await experience.archive.explanation(ended.id)
    expect(row).toMatchObject({
      signature: 'path-broken/path',
      strategy: 'ice-restart',
      key: 'path-broken.ice-restart',
      cause: 'The path broke for [name].',
      severity: 'high',
      durationMs: 4000,
    })
    expect(row?.propensity).toBeGreaterThan(0)
    const rows = await experience.archive.explanations({})
    expect(rows).toHaveLength(9)
    for (const { summary, cause, why, userAction, number } of rows) {
      expect([summary, cause, why, userAction].every((text) => text.length > 0)).toBe(true)
      expect(number).toBeGreaterThan(0)
    }
  })

  it('P42 P49 counts the incident and writes the end into the audit', async () => {
    const { experience } = await open()
    live(experience, 'ice-restart', 'succeeded')
    live(experience, 'ice-restart', 'succeeded')
    await vi.waitFor(async () => expect(await experience.archive.audit.list()).toHaveLength(2))
    expect(await experience.archive.audit.verify()).toMatchObject({ isIntact: true })
    expect((await experience.archive.incidents()).map(({ count }) => count)).toEqual([2])
  })

  it('does not learn from what was broken off or asked for by people', async () => {
    const { experience } = await open()
    live(experience, 'reconnect', 'cancelled')
    const asked = attemptOf({ incident: 'switch-requested', strategy: 'switch-provider' })
    experience.saw({ ...asked, outcome: 'in-progress' })
    experience.saw({ ...asked, outcome: 'failed' })
    expect(experience.memory.patterns.export().patterns).toEqual([])
  })

  it('P62 what is exported can be shipped: another browser follows it from its first incident on', async () => {
    const first = await open({ mode: 'memory' })
    liveMany(first.experience, 12)
    const file = JSON.parse(JSON.stringify(first.experience.memory.patterns.export()))
    const second = await open({ mode: 'memory' })
    expect(second.experience.memory.patterns.import(file)).toBe(2)
    expect(second.experience.choose(QUESTION)).toBe('reconnect')
  })

  it('refuses a malformed file and says where', async () => {
    const { experience } = await open({ mode: 'memory' })
    const pattern = {
      signature: 's',
      context: 'c',
      strategy: 'x',
      successes: 1,
      failures: 0,
      successMs: 1,
      failureMs: 0,
    }
    const file = { format: 'holdfast-patterns', version: 1, patterns: [pattern] }
    expect(parsePatternFile(file)).toEqual(file)
    for (const bad of [
      null,
      { ...file, version: 2 },
      { ...file, patterns: [{ ...pattern, successes: -1 }] },
      { ...file, patterns: [{ ...pattern, signature: 'a|b' }] },
      { ...file, patterns: [{ ...pattern, failureMs: Number.POSITIVE_INFINITY }] },
      { ...file, patterns: Array.from({ length: 1001 }, () => pattern) },
    ])
      expect(() => experience.memory.patterns.import(bad)).toThrowError(
        expect.objectContaining({ code: 'invalid-options' }),
      )
  })
})

describe('what the app may do with it', () => {
  it('P48 erasing everything forgets what was learned too, and tells the others nothing more', async () => {
    const { experience, announced } = await open()
    liveMany(experience, 8)
    expect(experience.choose(QUESTION)).toBe('reconnect')
    await experience.memory.erase()
    expect(experience.choose(QUESTION)).toBe('ice-restart')
    expect(announced.at(-1)).toBe('[]')
    expect(await experience.memory.explanations({})).toEqual([])
  })

  it('P49 exports, explains and verifies', async () => {
    const { experience } = await open()
    const { id } = live(experience, 'ice-restart', 'succeeded')
    await vi.waitFor(async () =>
      expect(await experience.memory.explain(id)).toMatchObject({ outcome: 'succeeded' }),
    )
    await vi.waitFor(async () => expect(await experience.memory.verify()).toMatchObject({ checked: 1 }))
    expect(await experience.memory.export()).toMatchObject({ format: 'holdfast-history' })
  })
})

describe('what participants tell each other', () => {
  it('is short, and comes back as it was written', async () => {
    const { experience, announced } = await open({ mode: 'memory' })
    liveMany(experience, 8)
    const told = announced.at(-1) ?? ''
    expect(told.length).toBeLessThanOrEqual(400)
    const claims = readClaims(told)
    expect(claims).toHaveLength(2)
    expect(writeClaims(claims)).toBe(told)
  })

  it('is heard by who knows nothing, and malformed claims are nothing', async () => {
    const key = {
      signature: 'path-broken/path',
      context: 'browser=other;network=unknown;provider=whip;stage=first',
    }
    const hashes = (['ice-restart', 'reconnect'] as const).map((strategy) => hashOfKey({ ...key, strategy }))
    const learned = [
      JSON.stringify([
        [hashes[0], 0, 4, 0, 4000],
        [hashes[1], 4, 0, 900, 0],
      ]),
    ]
    const { experience } = await open({ mode: 'memory', learned })
    expect(['ice-restart', 'reconnect']).toContain(experience.choose(QUESTION))
    for (const bad of [
      '',
      '{',
      '[1]',
      '[["x",1,1,1,1]]',
      '[["0011aabb",-1,1,1,1]]',
      `[${'["0011aabb",1,1,1,1],'.repeat(20)}]`,
    ])
      expect(readClaims(bad)).toEqual([])
  })
})
