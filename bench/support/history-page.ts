/** The page of suite `history`: fills a database, opens it, chooses from it, prunes it while it watches itself. */
import { openExperience } from '../../src/call/experience.js'
import { systemClock } from '../../src/clock.js'
import type { Attempt } from '../../src/history/attempt.js'
import { openHistory } from '../../src/history/history.js'
import { patternId } from '../../src/recovery/pattern.js'

const NAME = 'bench-history'
const DAY_MS = 24 * 3600 * 1000
/** Rows of one transaction while filling. */
const BATCH = 5000
/** As many situations as the learner remembers of each strategy. */
const CONTEXTS = 32
const STRATEGIES = ['ice-restart', 'reconnect', 'switch-provider', 'wait']
/** A calm page is watched this long, about as long as pruning takes. */
const CALM_MS = 10_000
/** The shortest interval that browsers do not stretch. */
const BEAT_MS = 4

const clock = systemClock()

function attempt(number: number, startedAtMs: number): Attempt {
  return {
    id: `${startedAtMs.toString(36)}-bench-${number}`,
    room: `room-${number % 50}`,
    incident: number % 3 === 0 ? 'provider-outage' : 'path-broken',
    strategy: STRATEGIES[number % 3] ?? 'reconnect',
    initiator: 'automatic',
    reason: 'The path from here to east broke: no media arrives from it and it no longer answers.',
    from: 'east',
    to: number % 3 === 0 ? 'west' : 'east',
    lineage: null,
    epoch: null,
    startedAtMs,
    durationMs: 900,
    mediaGapMs: 700,
    outcome: 'succeeded',
  }
}

function openStore(aheadMs = 0) {
  const shifted = { ...clock, wallNow: () => Date.now() + aheadMs }
  return openHistory({ mode: 'indexeddb', databaseName: NAME, onWarning: () => undefined, clock: shifted })
}

async function openAll() {
  const history = openStore()
  const experience = await openExperience({
    history,
    clock,
    me: 'ana',
    kindOf: () => 'whip',
    isLearning: true,
    names: () => [],
    learned: () => [],
    announce: () => undefined,
    random: Math.random,
  })
  return { history, experience }
}

/** Empties the database and fills it; `expired` of the attempts are older than a week. */
async function fill(count: number, expired: number): Promise<void> {
  const history = openStore()
  await history.erase()
  for (let begin = 0; begin < count; begin += BATCH)
    await history.work(async (database) => {
      const transaction = database.transaction('attempts', 'readwrite')
      for (let number = begin; number < begin + BATCH; number += 1) {
        const ageMs = number < expired ? 9 * DAY_MS - number : (6 * DAY_MS * (count - number)) / count
        void transaction.store.put(attempt(number, Math.round(Date.now() - ageMs)))
      }
      await transaction.done
    })
  if (count > 0) await history.work(fillPatterns)
  await history.close()
}

async function fillPatterns(database: Parameters<Parameters<ReturnType<typeof openStore>['work']>[0]>[0]) {
  const transaction = database.transaction('patterns', 'readwrite')
  for (const strategy of STRATEGIES)
    for (let index = 0; index < CONTEXTS; index += 1) {
      const context = `browser=chromium;network=n${index};provider=whip;stage=first`
      const key = { signature: 'path-broken/path', context, strategy }
      const counts = { successes: 5, failures: 3, successMs: 5000, failureMs: 12_000 }
      void transaction.store.put({
        ...key,
        id: patternId(key),
        long: counts,
        short: counts,
        episode: index,
        seen: 40,
        usedAtMs: 0,
      })
    }
  await transaction.done
}

/** From nothing to the first choice. */
async function openMs(): Promise<number> {
  const begin = performance.now()
  const { history, experience } = await openAll()
  experience.choose(QUESTION)
  const tookMs = performance.now() - begin
  experience.close()
  await history.close()
  return tookMs
}

const QUESTION = {
  incident: { kind: 'path-broken', blame: 'path', severity: 'high' },
  provider: 'east',
  attempts: 0,
  strategies: ['ice-restart', 'reconnect'],
} as const

async function chooseMs(count: number): Promise<readonly number[]> {
  const { history, experience } = await openAll()
  const took: number[] = []
  for (let time = 0; time < count; time += 1) {
    const begin = performance.now()
    experience.choose(QUESTION)
    took.push(performance.now() - begin)
  }
  experience.close()
  await history.close()
  return took
}

async function writeMs(count: number): Promise<readonly number[]> {
  const history = openStore()
  await history.list({ limit: 1 })
  const took: number[] = []
  for (let number = 0; number < count; number += 1) {
    const begin = performance.now()
    await history.put(attempt(1_000_000 + number, Date.now()))
    took.push(performance.now() - begin)
  }
  await history.close()
  return took
}

/** By how much the latest of many short timers came late: for so long something held the page. */
async function longestBlockMs(mode: 'calm' | 'prune') {
  // A calm page has no history open, so that nothing is pruned.
  const history = mode === 'calm' ? null : openStore()
  const before = history === null ? 0 : await countOf(history)
  const late: number[] = []
  let isOver = false
  let dueMs = performance.now() + BEAT_MS
  const beat = (): void => {
    const now = performance.now()
    late.push(now - dueMs)
    dueMs = now + BEAT_MS
    if (!isOver) setTimeout(beat, BEAT_MS)
  }
  setTimeout(beat, BEAT_MS)
  const beginMs = performance.now()
  if (history === null) await new Promise((resolve) => setTimeout(resolve, CALM_MS))
  else await pruned(history)
  const tookMs = performance.now() - beginMs
  isOver = true
  const after = history === null ? 0 : await countOf(history)
  await history?.close()
  return {
    longestMs: late.reduce((longest, one) => Math.max(longest, one), 0),
    above8: late.filter((one) => one > 8).length,
    beats: late.length,
    pruned: before - after,
    tookMs,
  }
}

/** Pruning begins by itself some seconds after opening; it is over when the count stands still. */
async function pruned(history: ReturnType<typeof openStore>): Promise<void> {
  const start = await countOf(history)
  for (let last = -1; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const count = await countOf(history)
    if (count === last && count < start) return
    last = count
  }
}

async function countOf(history: ReturnType<typeof openStore>): Promise<number> {
  return (await history.work((database) => database.count('attempts')))?.value ?? 0
}

const exposed = { fill, openMs, chooseMs, writeMs, longestBlockMs }
declare global {
  interface Window {
    historyBench: typeof exposed
  }
}
window.historyBench = exposed
