/**
 * Whole calls in Node: the real session with the real document (several participants of one page), agreement,
 * pool, media, health loop and history, over providers in memory and in virtual time. What Node lacks is
 * stood in for by the least that works: a stream is a set of tracks, a track a plain object.
 */
import { expect, vi } from 'vitest'
import type { CallEvents, CallOptions } from '../../src/call/contract.js'
import { resolveOptions } from '../../src/call/options.js'
import { openSession, type Session } from '../../src/call/session.js'
import type { CallSnapshot, CallState } from '../../src/call/snapshot.js'
import { createCallState } from '../../src/call/state.js'
import { createTimeline } from '../../src/call/timeline.js'
import { createEmitter, type Emitter } from '../../src/events.js'
import { createLocalMedia, type LocalMedia } from '../../src/media/local-media.js'
import { createMemoryHub, type MemoryHub, memory } from '../../src/providers/memory.js'
import type { LocalTrack, TrackSource } from '../../src/providers/provider.js'
import { type ManualClock, manualClock } from '../unit/document/manual-clock.js'
import { fakeTrack } from './fake-track.js'

/** A moment as it was told, with the snapshot that an app could read right then. */
export interface Moment {
  readonly name: keyof CallEvents
  readonly event: unknown
  readonly seen: CallSnapshot | null
}

/** One participant. */
export interface NodeCall {
  readonly id: string
  readonly session: Session
  readonly local: LocalMedia
  /** Every snapshot in order, and each as it read when it came. */
  readonly snapshots: CallSnapshot[]
  readonly printed: string[]
  readonly moments: Moment[]
  readonly last: CallSnapshot
  readonly state: CallState
  /** Tells the call's own parts of a moment, as its detectors would. */
  readonly emit: Emitter<CallEvents>['emit']
}

/** What tests set of a call. */
type MoreOptions = Pick<CallOptions, 'auth' | 'history' | 'recovery' | 'token' | 'logger' | 'worker'>

/** Several participants of one room and the servers they meet on. */
export interface NodeCalls {
  readonly clock: ManualClock
  readonly east: MemoryHub
  readonly west: MemoryHub
  /** Joins; not yet on a provider when it returns. */
  open(
    id: string,
    options?: MoreOptions & { readonly providers?: readonly ('east' | 'west')[] },
  ): Promise<NodeCall>
  /** Lets time pass in small steps until the condition holds; fails after `limitMs` of it. */
  until(what: string, isDone: () => boolean, limitMs?: number): Promise<void>
  run(ms: number): Promise<void>
  /** Lets time pass until a promise has settled. */
  settled<Value>(promise: Promise<Value>): Promise<Value>
  close(): Promise<void>
}

/** Longer than any failover, in virtual time. */
const LIMIT_MS = 30_000
/** Below every timer of the call. */
const STEP_MS = 20

/** Makes an empty room. */
export function nodeCalls(room: string): NodeCalls {
  provideStreams()
  const clock = manualClock()
  const hubs = { east: createMemoryHub({ clock, delayMs: 5 }), west: createMemoryHub({ clock, delayMs: 5 }) }
  const calls: NodeCall[] = []
  const run = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      clock.advance(Math.min(STEP_MS, left))
      await turns()
    }
  }
  const settled: NodeCalls['settled'] = async (promise) => {
    let isPending = true
    const over = (): void => {
      isPending = false
    }
    promise.then(over, over)
    const startedAtMs = clock.now()
    while (isPending) {
      if (clock.now() - startedAtMs > LIMIT_MS) throw new Error(`not settled within ${LIMIT_MS} ms`)
      await run(STEP_MS)
    }
    return promise
  }
  return {
    clock,
    ...hubs,
    run,
    async open(id, { providers = ['east', 'west'] as const, ...more } = {}) {
      const adapters = providers.map((one) => memory({ id: one, hub: hubs[one], clock }))
      const call = await openNodeCall(room, id, adapters, clock, more)
      calls.push(call)
      return call
    },
    async until(what, isDone, limitMs = LIMIT_MS) {
      const startedAtMs = clock.now()
      while (!isDone()) {
        if (clock.now() - startedAtMs > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`)
        await run(STEP_MS)
      }
    },
    settled,
    async close() {
      await settled(Promise.all(calls.map(({ session }) => session.close())))
    },
  }
}

async function openNodeCall(
  room: string,
  id: string,
  providers: Parameters<typeof resolveOptions>[0]['providers'],
  clock: ManualClock,
  more: MoreOptions,
): Promise<NodeCall> {
  const snapshots: CallSnapshot[] = []
  const printed: string[] = []
  const moments: Moment[] = []
  const emitter = createEmitter<CallEvents>()
  const events: typeof emitter = {
    ...emitter,
    emit(name, event) {
      moments.push({ name, event, seen: snapshots.at(-1) ?? null })
      emitter.emit(name, event)
    },
  }
  const local = createLocalMedia({ onEnded: () => undefined, onChange: () => session?.localChanged() })
  let session: Session | null = null
  local.publish(['camera' as const, 'microphone' as const].map(nodeTrack))
  const options = resolveOptions({
    room,
    me: { id },
    providers,
    signaling: ['ws://127.0.0.1:1'],
    worker: 'main',
    history: 'memory',
    development: true,
    ...more,
  })
  const state = createCallState({
    isDevelopment: true,
    onChange: (from, to) => events.emit('state-changed', { from, to }),
    onIllegal: (error) => events.emit('error', error),
  })
  state.enter('joining')
  session = await openSession({
    // Participants of one page need no server to hear each other.
    options: { ...options, signaling: [] },
    clock,
    events,
    local,
    state,
    timeline: createTimeline(clock, () => undefined),
    signal: new AbortController().signal,
    onSnapshot(snapshot) {
      snapshots.push(snapshot)
      printed.push(JSON.stringify(snapshot))
    },
  })
  await vi.waitFor(() => expect(snapshots.length).toBeGreaterThan(0), { interval: 1 })
  return {
    id,
    session,
    local,
    snapshots,
    printed,
    moments,
    emit: events.emit,
    get last() {
      const snapshot = snapshots.at(-1)
      if (snapshot === undefined) throw new Error(`${id} has no snapshot yet`)
      return snapshot
    },
    get state() {
      return state.current
    },
  }
}

function nodeTrack(source: TrackSource): LocalTrack {
  const { track } = fakeTrack(source)
  return { source, track: Object.assign(track, { addEventListener: () => undefined }) }
}

/** Node signs in as many threads. */
const THREADS = 4
const ECDSA = { name: 'ECDSA', hash: 'SHA-256' }
const barrierKey = crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])

/**
 * Signatures are made in other threads, and virtual time must not outrun them on a busy machine: a signature of
 * our own in each thread is done only after those that were asked for before.
 */
async function turns(): Promise<void> {
  const { privateKey } = await barrierKey
  for (let turn = 0; turn < 2; turn += 1) {
    const signing = Array.from({ length: THREADS }, () =>
      crypto.subtle.sign(ECDSA, privateKey, new Uint8Array(1)),
    )
    await Promise.all(signing)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function provideStreams(): void {
  const scope = globalThis as { MediaStream?: unknown }
  scope.MediaStream ??= class {
    readonly held = new Map<string, MediaStreamTrack>()
    addTrack(track: MediaStreamTrack): void {
      this.held.set(track.id, track)
    }
    removeTrack(track: MediaStreamTrack): void {
      this.held.delete(track.id)
    }
    getTracks(): MediaStreamTrack[] {
      return [...this.held.values()]
    }
  }
}
