/** A call without network: tests set its snapshot and look at what was asked of it. */

import type { Call, CallEvents } from '../../src/call/contract.js'
import { REDUCED_HEALTH, viewOf } from '../../src/call/health-view.js'
import { idleRecovery, recoveryOf } from '../../src/call/recovery-view.js'
import type { CallSnapshot, PeerSnapshot } from '../../src/call/snapshot.js'
import { createEmitter } from '../../src/events.js'
import { UNKNOWN_HEALTH } from '../../src/health/verdict.js'
import type { Attempt } from '../../src/history/attempt.js'

/** A {@link Call} that tests drive. */
export interface FakeCall extends Call {
  /** Merges into the snapshot and tells subscribers. */
  set(facts: Partial<CallSnapshot>): void
  /** Names of methods called, in order, e.g. `switchTo west`. */
  readonly asked: string[]
  readonly listenerCount: number
  /** What `attempts()` answers. */
  kept: readonly Attempt[]
}

/** A snapshot of a call that has not been joined. */
export function idleSnapshot(facts: Partial<CallSnapshot> = {}): CallSnapshot {
  return {
    state: 'idle',
    statusText: 'Not joined.',
    room: 'team',
    me: { id: 'me', name: 'Me', muted: [], publishing: [] },
    provider: null,
    providers: [],
    agreement: {
      status: 'listening',
      lineage: null,
      epoch: null,
      provider: null,
      committee: [],
      seat: 'none',
      wants: {},
      votes: {},
      decided: [],
    },
    peers: [],
    connections: [],
    recovery: idleRecovery(null),
    health: REDUCED_HEALTH,
    timeline: [],
    links: [],
    worker: 'none',
    history: 'none',
    ...facts,
  }
}

/** A peer that is fine. */
export function peerOf(id: string, stream: MediaStream, facts: Partial<PeerSnapshot> = {}): PeerSnapshot {
  return {
    id,
    name: id,
    state: 'live',
    stream,
    provider: 'east',
    muted: [],
    publishing: ['camera', 'microphone'],
    health: {
      ...UNKNOWN_HEALTH,
      rttMs: 24,
      lossRatio: 0.001,
      fps: 30,
      bitrateBps: 900_000,
      jitterMs: 3,
      score: 96,
    },
    ...facts,
  }
}

/** Makes one. */
export function createFakeCall(facts: Partial<CallSnapshot> = {}): FakeCall {
  const events = createEmitter<CallEvents>()
  const listeners = new Set<() => void>()
  const asked: string[] = []
  let snapshot = idleSnapshot(facts)
  const ask = async (what: string): Promise<void> => {
    asked.push(what)
  }
  const setMe = (me: Partial<CallSnapshot['me']>): void => fake.set({ me: { ...snapshot.me, ...me } })
  const fake: FakeCall = {
    asked,
    kept: [],
    get listenerCount() {
      return listeners.size
    },
    set(next) {
      snapshot = { ...snapshot, ...next }
      for (const listener of [...listeners]) listener()
    },
    on: events.on,
    health: viewOf(() => null),
    recovery: recoveryOf(() => null),
    join: () => ask('join'),
    leave: () => ask('leave'),
    async publish() {
      await ask('publish')
      setMe({ publishing: ['camera', 'microphone'] })
    },
    setMuted(source, isMuted) {
      asked.push(`setMuted ${source} ${isMuted}`)
      const others = snapshot.me.muted.filter((muted) => muted !== source)
      setMe({ muted: isMuted ? [...others, source] : others })
    },
    replaceTrack: (source) => ask(`replaceTrack ${source}`),
    setSignaling: (urls) => void asked.push(`setSignaling ${urls.join(' ')}`),
    switchTo: (providerId) => ask(`switchTo ${providerId}`),
    getSnapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    memory: () => Promise.reject(new Error('a fake call keeps nothing')),
    exportTrace: () => Promise.reject(new Error('a fake call measures nothing')),
    attempts: async () => fake.kept,
    [Symbol.asyncDispose]: () => ask('leave'),
  }
  return fake
}
