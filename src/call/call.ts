/**
 * `createCall()`: the public object. It holds what exists before and after a session (options, local media,
 * state, timeline) and does nothing observable until `join()`.
 */
import { type Clock, systemClock } from '../clock.js'
import { HoldfastError } from '../errors.js'
import { createEmitter, type Emitter, reportListenerError } from '../events.js'
import type { Attempt } from '../history/attempt.js'
import { createLocalMedia, type LocalMedia } from '../media/local-media.js'
import type { Call, CallEvents, CallOptions } from './contract.js'
import { emptySnapshot } from './empty-snapshot.js'
import { viewOf } from './health-view.js'
import type { CallMemory } from './memory.js'
import { type ResolvedOptions, resolveOptions, resolveSignaling } from './options.js'
import { recoveryOf } from './recovery-view.js'
import type { Session } from './session.js'
import { shareUnchanged } from './share.js'
import type { CallSnapshot } from './snapshot.js'
import { type CallStateHolder, createCallState } from './state.js'
import { createTimeline, type Timeline } from './timeline.js'

/**
 * Makes a call. Nothing happens before `join()`: no socket, no worker, no storage.
 *
 * @throws HoldfastError `invalid-options`, naming the field.
 * @example
 * ```ts
 * const call = createCall({ room: 'visit-42', me: { id: 'ana' }, providers: [whip({ id: 'east', url })], signaling })
 * await call.publish(await navigator.mediaDevices.getUserMedia({ audio: true, video: true }))
 * await call.join()
 * ```
 */
export function createCall(callOptions: CallOptions): Call {
  return createCallWith(callOptions, systemClock())
}

/** Told at once; every other moment waits for the snapshot that shows it. */
const IMMEDIATE: ReadonlySet<keyof CallEvents> = new Set(['warning', 'error'])

interface Held {
  readonly options: ResolvedOptions
  readonly clock: Clock
  readonly events: Emitter<CallEvents>
  readonly listeners: Set<() => void>
  /** Moments that wait for the next snapshot, in order. */
  readonly pending: (() => void)[]
  readonly local: LocalMedia
  readonly state: CallStateHolder
  readonly timeline: Timeline
  signaling: readonly string[]
  session: Session | null
  /** Aborts a join under way. */
  opening: AbortController | null
  leaving: Promise<void> | null
  lastAttempt: Attempt | null
  snapshot: CallSnapshot | null
}

/** {@link createCall} on a clock of one's own. @internal */
export function createCallWith(callOptions: CallOptions, clock: Clock): Call {
  const held = hold(resolveOptions(callOptions), clock)
  const { events, listeners, local } = held
  return {
    on: events.on,
    join: (options) => join(held, options?.signal),
    leave() {
      held.leaving ??= leave(held)
      return held.leaving
    },
    async publish(media) {
      local.publish(media)
    },
    setMuted: (source, isMuted) => local.setMuted(source, isMuted),
    async replaceTrack(source, track) {
      local.replace(source, track)
    },
    switchTo: (providerId, options) =>
      switchTo(held, providerId, options?.reason ?? 'asked for by a participant'),
    health: viewOf(() => held.session?.desk()),
    recovery: recoveryOf(() => held.session && { core: held.session.core, desk: held.session.recovery }),
    setSignaling(urls) {
      held.signaling = resolveSignaling(urls)
      held.session?.setSignaling(held.signaling)
    },
    getSnapshot: () => snapshotOf(held),
    subscribe(listener) {
      const registered = (): void => listener()
      listeners.add(registered)
      return () => listeners.delete(registered)
    },
    async exportTrace() {
      const trace = await held.session?.exportTrace()
      if (trace === undefined || trace === null) throw new HoldfastError('not-joined')
      return trace
    },
    memory: () => memoryOf(held),
    async attempts(query) {
      return (await held.session?.attempts(query?.limit)) ?? []
    },
    [Symbol.asyncDispose]() {
      return this.leave()
    },
  }
}

function hold(options: ResolvedOptions, clock: Clock): Held {
  const emitter = createEmitter<CallEvents>()
  const pending: (() => void)[] = []
  const events: Emitter<CallEvents> = {
    ...emitter,
    emit(name, event) {
      if (IMMEDIATE.has(name)) emitter.emit(name, event)
      else pending.push(() => emitter.emit(name, event))
    },
  }
  const timeline = createTimeline(clock, (entry) => options.logger.debug(entry.text))
  const local = createLocalMedia({
    onEnded(source) {
      timeline.add('warning', `Your ${source} stopped.`)
      events.emit('warning', new HoldfastError('media-ended', { details: { source } }))
    },
    onChange() {
      if (held.session) held.session.localChanged()
      else showIdle(held)
    },
  })
  const state = createCallState({
    isDevelopment: options.development,
    onChange(from, to) {
      options.logger.info('call state', { from, to })
      events.emit('state-changed', { from, to })
    },
    onIllegal: (error) => events.emit('error', error),
  })
  const held: Held = {
    options,
    clock,
    events,
    timeline,
    local,
    state,
    listeners: new Set(),
    pending,
    signaling: options.signaling,
    session: null,
    opening: null,
    leaving: null,
    lastAttempt: null,
    snapshot: null,
  }
  const remember = (attempt: Attempt): void => {
    held.lastAttempt = attempt
  }
  events.on('recovered', remember)
  events.on('recovery-failed', remember)
  return held
}

async function join(held: Held, signal: AbortSignal | undefined): Promise<void> {
  const { state } = held
  signal?.throwIfAborted()
  if (held.leaving !== null) throw new HoldfastError('closed')
  if (state.current !== 'idle' && state.current !== 'failed')
    throw new HoldfastError('invalid-transition', { message: `The call is already ${state.current}.` })
  requirePlatform()
  const opening = new AbortController()
  const onAbort = (): void => opening.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  held.opening = opening
  state.enter('joining')
  showIdle(held)
  try {
    // Most of the package is needed only from here on, and a lobby should show without it.
    const { openSession } = await loadSession()
    opening.signal.throwIfAborted()
    held.session = await openSession({
      ...held,
      options: { ...held.options, signaling: held.signaling },
      signal: opening.signal,
      onSnapshot: (next) => show(held, next),
    })
    await held.session.joined
  } catch (error) {
    await closeSession(held)
    if (held.leaving === null) {
      state.enter('failed')
      showIdle(held)
    }
    throw opening.signal.aborted ? opening.signal.reason : error
  } finally {
    signal?.removeEventListener('abort', onAbort)
    held.opening = null
  }
}

async function loadSession(): Promise<typeof import('./session.js')> {
  try {
    return await import('./session.js')
  } catch (cause) {
    throw new HoldfastError('join-failed', { message: 'The code of the call could not be loaded.', cause })
  }
}

async function leave(held: Held): Promise<void> {
  const { state, timeline, local, events } = held
  if (state.current === 'idle' || state.current === 'failed') {
    state.enter('left')
  } else {
    held.opening?.abort(new HoldfastError('closed'))
    state.enter('leaving')
    showIdle(held)
    await closeSession(held)
    state.enter('left')
    timeline.add('left', 'You left the call.')
  }
  local.close()
  showIdle(held)
  events.clear()
}

async function closeSession(held: Held): Promise<void> {
  const { session } = held
  held.session = null
  await session?.close()
}

async function switchTo(held: Held, providerId: string, reason: string): Promise<void> {
  if (held.leaving !== null) throw new HoldfastError('closed')
  if (held.session === null) throw new HoldfastError('not-joined')
  if (!held.options.providers.some(({ id }) => id === providerId))
    throw new HoldfastError('switch-refused', { details: { wanted: String(providerId) } })
  const { provider, state } = snapshotOf(held)
  if (provider === providerId && state === 'live') return
  await held.session.switchTo(providerId, reason)
}

async function memoryOf({ session }: Held): Promise<CallMemory> {
  if (session === null) throw new HoldfastError('not-joined')
  const experience = await session.experience()
  if (experience === null) throw new HoldfastError('dependency-missing')
  return experience.memory
}

function snapshotOf(held: Held): CallSnapshot {
  held.snapshot ??= idleSnapshot(held)
  return held.snapshot
}

function showIdle(held: Held): void {
  show(held, idleSnapshot(held))
}

function show(held: Held, snapshot: CallSnapshot): void {
  const before = held.snapshot
  held.snapshot = before === null ? snapshot : shareUnchanged(before, snapshot)
  if (held.snapshot !== before) tellListeners(held)
  for (const tell of held.pending.splice(0)) tell()
}

function tellListeners(held: Held): void {
  for (const listener of [...held.listeners]) {
    try {
      listener()
    } catch (error) {
      reportListenerError(error)
    }
  }
}

function idleSnapshot({ state, options, local, timeline, lastAttempt }: Held): CallSnapshot {
  return emptySnapshot({
    state: state.current,
    room: options.room,
    me: { ...options.me, muted: local.muted(), publishing: local.publishing() },
    providers: options.providers.map(({ id, kind }) => ({ id, kind, sight: 'unknown' })),
    timeline: timeline.entries,
    last: lastAttempt,
  })
}

function requirePlatform(): void {
  if (typeof RTCPeerConnection === 'undefined')
    throw new HoldfastError('unsupported-browser', { details: { missing: 'RTCPeerConnection' } })
  if (globalThis.crypto?.subtle === undefined) throw new HoldfastError('insecure-context')
}
