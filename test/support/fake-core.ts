/**
 * A call's core without network, for unit tests of its parts: time stands still until a test moves it, the
 * document, the pool and the remote media do what the test says, and everything asked of them is written
 * down. Attempts, timeline, beliefs about providers and local media are the real ones.
 */
import { type Attempts, createAttempts } from '../../src/call/attempts.js'
import type { CallEvents } from '../../src/call/contract.js'
import type { CallCore } from '../../src/call/core.js'
import { resolveOptions } from '../../src/call/options.js'
import type { Participant } from '../../src/call/participants.js'
import type { Reading } from '../../src/call/reading.js'
import { createSightBook } from '../../src/call/sight.js'
import { createTimeline } from '../../src/call/timeline.js'
import type { CommittedRecord } from '../../src/consensus/index.js'
import type { Presence } from '../../src/document/presence.js'
import { createEmitter } from '../../src/events.js'
import type { Attempt, HistoryStore } from '../../src/history/attempt.js'
import { createLocalMedia } from '../../src/media/local-media.js'
import { aRecord, aRegister, Probe } from '../unit/consensus/support.js'
import { type ManualClock, manualClock } from '../unit/document/manual-clock.js'
import {
  type FakeDocument,
  type FakePool,
  type FakeRemote,
  fakeDocument,
  fakePool,
  fakeRemote,
  namedProvider,
} from './fake-parts.js'

/** The core with its fakes in reach. */
export interface FakeCore extends CallCore {
  readonly clock: ManualClock
  readonly document: FakeDocument
  readonly pool: FakePool
  readonly remote: FakeRemote
  readonly network: { isOnline: boolean; changedAtMs: number; note(sign: string): void; stop(): void }
  /** Asked of the agreement: `want west`, `warm west ready`. */
  readonly wishes: string[]
  /** Everything written to history, in order. */
  readonly written: Attempt[]
  /** Names of the events fired, in order. */
  readonly fired: string[]
  readonly refreshes: number
  /** Makes this record the head, as the agreement would. */
  stand(record: CommittedRecord): void
}

/** Presence of one page, alive since the clock's zero. */
export function presenceOf(participant: string, facts: Partial<Presence> = {}): Presence {
  return {
    participant,
    voter: `voter-${participant}`,
    session: `session-${participant}`,
    beat: 1,
    hasLeft: false,
    heardAtMs: 0,
    muted: [],
    publishing: ['camera'],
    sight: {},
    flowingOn: null,
    asking: null,
    directory: {},
    ...facts,
  }
}

/** A participant as a reading has it. */
export function participantOf(id: string, facts: Partial<Presence> = {}): Participant {
  return { id, name: id, isSuspect: false, isAway: false, silentForMs: 0, presence: presenceOf(id, facts) }
}

/** A reading of a call that is fine on `east`, but for what is given. */
export function readingOf(core: FakeCore, facts: Partial<Reading> = {}): Reading {
  return {
    now: core.clock.now(),
    participants: new Map(),
    lineage: 'lineage',
    epoch: 3,
    agreed: 'east',
    candidates: [],
    current: null,
    expected: new Map(),
    isFlowing: false,
    isShown: false,
    isShownToAll: false,
    next: 'west',
    othersSights: [],
    ...facts,
  }
}

/** Makes one; the participant is `me`, its providers `east`, `west` and the serverless `mesh`. */
export function createFakeCore(options: { readonly standby?: 'cold' | 'warm' | 'hot' } = {}): FakeCore {
  const clock = manualClock()
  const written: Attempt[] = []
  const fired: string[] = []
  const events = createEmitter<CallEvents>()
  const probe = new Probe('me')
  const wishes: string[] = []
  const counts = { refreshes: 0 }
  const history = fakeHistory(written)
  return {
    options: resolveOptions({
      room: 'room',
      me: { id: 'me' },
      providers: [namedProvider('east'), namedProvider('west'), namedProvider('mesh', false)],
      signaling: ['ws://127.0.0.1:1'],
      ...options,
    }),
    clock,
    events: {
      ...events,
      emit(name, event) {
        fired.push(name)
        events.emit(name, event)
      },
    },
    timeline: createTimeline(clock, () => undefined),
    sight: createSightBook(clock),
    attempts: attemptsOf(clock, history, fired),
    local: createLocalMedia({ onEnded: () => undefined, onChange: () => undefined }),
    remote: fakeRemote(),
    pool: fakePool(clock),
    document: fakeDocument(),
    network: {
      isOnline: true,
      changedAtMs: Number.NEGATIVE_INFINITY,
      note: (sign: string) => void wishes.push(`network ${sign}`),
      stop: () => undefined,
    },
    history,
    experience: null,
    archive: null,
    recovery: null,
    guard: null,
    loop: {
      get state() {
        return probe.state
      },
      get view() {
        return probe.view()
      },
      poke: () => undefined,
      isAwaitingVotes: false,
      want: (provider) => void wishes.push(`want ${provider}`),
      written: async () => undefined,
      warm: (provider, outcome) => wishes.push(`warm ${provider} ${outcome}`),
      wake: () => wishes.push('wake'),
      pause: () => wishes.push('pause'),
      goOn: () => wishes.push('go on'),
      leave: async () => undefined,
      stop: () => undefined,
    },
    currentEntryId: null,
    held: new Set(),
    stopgapEntryId: null,
    agreedAtMs: 0,
    wokeAtMs: Number.NEGATIVE_INFINITY,
    verdicts: new Map(),
    peerHealth: new Map(),
    suspicions: new Map(),
    shownOn: new Map(),
    desk: null,
    decided: [],
    reading: null,
    requestRefresh() {
      counts.refreshes += 1
    },
    wishes,
    written,
    fired,
    get refreshes() {
      return counts.refreshes
    },
    stand(record) {
      const founded = new Probe('me').state
      const own = { ...aRegister('me', record), participant: 'me', lineage: record.lineage }
      probe.state = { ...founded, phase: 'active', register: own }
    },
  }
}

/** A record of `provider` decided as number `n`, with `me` as its committee. */
export function recordOf(provider: string | null, n: number): CommittedRecord {
  return aRecord(['me'], { provider, n })
}

function attemptsOf(clock: ManualClock, history: HistoryStore, fired: string[]): Attempts {
  return createAttempts({
    room: 'room',
    session: 'session-of-me',
    clock,
    onWrite: (attempt) => void history.put(attempt),
    onSettled: (attempt) => fired.push(`attempt ${attempt.outcome}`),
  })
}

function fakeHistory(written: Attempt[]): HistoryStore {
  return {
    mode: 'memory',
    async put(attempt) {
      written.push(attempt)
    },
    list: async () => [...written].reverse(),
    settleAbandoned: async () => 0,
    erase: async () => undefined,
    forget: () => undefined,
    work: async () => null,
    close: async () => undefined,
  }
}
