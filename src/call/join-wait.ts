/** The wait of `join()`: over when the agreed provider carries us, or when nothing can be reached. */
import { HoldfastError } from '../errors.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** Long enough to try several providers one after the other, short enough for a person to wait. */
const JOIN_TIMEOUT_MS = 20_000

/** The wait. */
export interface JoinWait {
  readonly promise: Promise<void>
  readonly isDone: boolean
  refresh(reading: Reading): void
  /** The session is closed: rejects if still waiting. */
  stop(): void
}

/** Starts waiting. */
export function createJoinWait(core: CallCore, signal: AbortSignal): JoinWait {
  let isDone = false
  let isSettled = false
  let succeed: () => void = () => undefined
  let fail: (reason: unknown) => void = () => undefined
  const promise = new Promise<void>((resolve, reject) => {
    succeed = resolve
    fail = reject
  })
  const settle = (finish: () => void): void => {
    if (isSettled) return
    isSettled = true
    cancel()
    signal.removeEventListener('abort', onAbort)
    finish()
  }
  const onAbort = (): void => settle(() => fail(signal.reason))
  const cancel = core.clock.after(JOIN_TIMEOUT_MS, () =>
    settle(() => fail(new HoldfastError('join-failed', { details: failuresOf(core) }))),
  )
  signal.addEventListener('abort', onAbort)
  // Somebody always handles it through join(); this only keeps a closed session from being reported twice.
  promise.catch(() => undefined)
  return {
    promise,
    get isDone() {
      return isDone
    },
    refresh(reading) {
      if (isDone || reading.agreed === null || reading.current?.state !== 'connected') return
      isDone = true
      core.timeline.add('joined', `You joined on ${reading.agreed}.`, { provider: reading.agreed })
      settle(succeed)
    },
    stop: () => settle(() => fail(new HoldfastError('closed'))),
  }
}

function failuresOf(core: CallCore): Readonly<Record<string, string>> {
  return Object.fromEntries(core.options.providers.map(({ id }) => [id, core.sight.of(id)]))
}
