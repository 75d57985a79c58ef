/**
 * `createCall()`: the public object. It holds what exists before and after a session (options, local media,
 * state, timeline) and does nothing observable until `join()`.
 */
import { type Clock, systemClock } from '../clock.js'
import { HoldfastError } from '../errors.js'
import { createEmitter } from '../events.js'
import type { Attempt } from '../history/attempt.js'
import { createLocalMedia } from '../media/local-media.js'
import { emptySnapshot } from './build-snapshot.js'
import type { Call, CallEvents, CallOptions } from './contract.js'
import { resolveOptions } from './options.js'
import { openSession, type Session } from './session.js'
import type { CallSnapshot } from './snapshot.js'
import { createCallState } from './state.js'
import { createTimeline } from './timeline.js'

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

/** {@link createCall} on a clock of one's own. @internal */
export function createCallWith(callOptions: CallOptions, clock: Clock): Call {
  const options = resolveOptions(callOptions)
  const { logger } = options
  const events = createEmitter<CallEvents>()
  const listeners = new Set<() => void>()
  let session: Session | null = null
  let opening: AbortController | null = null
  let leaving: Promise<void> | null = null
  let lastAttempt: Attempt | null = null
  events.on('recovered', (attempt) => {
    lastAttempt = attempt
  })
  events.on('recovery-failed', (attempt) => {
    lastAttempt = attempt
  })

  const notify = (next: CallSnapshot): void => {
    snapshot = next
    for (const listener of [...listeners]) listener()
  }
  const showIdle = (): void =>
    notify(
      emptySnapshot({
        state: state.current,
        room: options.room,
        me: { ...options.me, muted: local.muted(), publishing: local.publishing() },
        providers: options.providers.map(({ id, kind }) => ({ id, kind, sight: 'unknown' })),
        timeline: timeline.entries,
        last: lastAttempt,
      }),
    )
  const state = createCallState({
    isDevelopment: options.development,
    onChange: (from, to) => {
      logger.info('call state', { from, to })
      events.emit('state-changed', { from, to })
    },
    onIllegal: (error) => events.emit('error', error),
  })
  const timeline = createTimeline(clock, (entry) => logger.debug(entry.text))
  const local = createLocalMedia({
    onEnded: (source) => {
      timeline.add('warning', `Your ${source} stopped.`)
      events.emit('warning', new HoldfastError('media-ended', { details: { source } }))
    },
    onChange: () => (session ? session.localChanged() : showIdle()),
  })
  let snapshot: CallSnapshot = emptySnapshot({
    state: 'idle',
    room: options.room,
    me: { ...options.me, muted: [], publishing: [] },
    providers: options.providers.map(({ id, kind }) => ({ id, kind, sight: 'unknown' })),
    timeline: [],
    last: null,
  })

  const closeSession = async (): Promise<void> => {
    const closing = session
    session = null
    await closing?.close()
  }

  const open = async (signal: AbortSignal): Promise<void> => {
    const opened = await openSession({
      options,
      clock,
      events,
      local,
      timeline,
      state,
      signal,
      onSnapshot: (next) => {
        if (session === opened || session === null) notify(next)
      },
    })
    session = opened
    await opened.joined
  }

  const requireOpen = (): Session => {
    if (session !== null && state.current !== 'leaving') return session
    throw new HoldfastError(state.current === 'left' || state.current === 'leaving' ? 'closed' : 'not-joined')
  }

  return {
    on: events.on,
    async join({ signal } = {}) {
      signal?.throwIfAborted()
      if (state.current === 'left' || state.current === 'leaving') throw new HoldfastError('closed')
      if (state.current !== 'idle' && state.current !== 'failed')
        throw new HoldfastError('invalid-transition', { message: `The call is already ${state.current}.` })
      requirePlatform()
      opening = new AbortController()
      const own = opening
      const onAbort = (): void => own.abort(signal?.reason)
      signal?.addEventListener('abort', onAbort)
      state.enter('joining')
      showIdle()
      try {
        await open(own.signal)
      } catch (error) {
        await closeSession()
        if (leaving === null) {
          state.enter('failed')
          showIdle()
        }
        throw own.signal.aborted ? own.signal.reason : error
      } finally {
        signal?.removeEventListener('abort', onAbort)
        opening = null
      }
    },
    leave() {
      leaving ??= leaveOnce()
      return leaving
    },
    async publish(media) {
      local.publish(media)
    },
    setMuted: (source, isMuted) => local.setMuted(source, isMuted),
    async replaceTrack(source, track) {
      local.replace(source, track)
    },
    async switchTo(providerId, { reason = 'asked for by a participant' } = {}) {
      const active = requireOpen()
      if (!options.providers.some(({ id }) => id === providerId))
        throw new HoldfastError('switch-refused', { details: { wanted: providerId } })
      if (snapshot.provider === providerId && snapshot.state === 'live') return
      await active.switchTo(providerId, reason)
    },
    getSnapshot: () => snapshot,
    subscribe(listener) {
      const registered = (): void => listener()
      listeners.add(registered)
      return () => listeners.delete(registered)
    },
    async attempts(query = {}) {
      return (await session?.attempts(query.limit)) ?? []
    },
    async [Symbol.asyncDispose]() {
      await this.leave()
    },
  }

  async function leaveOnce(): Promise<void> {
    if (state.current === 'idle' || state.current === 'failed') {
      state.enter('left')
    } else {
      opening?.abort(new HoldfastError('closed'))
      state.enter('leaving')
      showIdle()
      await closeSession()
      state.enter('left')
      timeline.add('left', 'You left the call.')
    }
    local.close()
    showIdle()
    events.clear()
  }
}

function requirePlatform(): void {
  if (typeof RTCPeerConnection === 'undefined')
    throw new HoldfastError('unsupported-browser', { details: { missing: 'RTCPeerConnection' } })
  if (globalThis.crypto?.subtle === undefined) throw new HoldfastError('insecure-context')
}
