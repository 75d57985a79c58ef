/**
 * One bounded, abortable run of an adapter's `connect()`: the promise an adapter gives about aborting and
 * deadlines, written once. The adapter's steps run under a scope of their own; when the caller aborts, the
 * time is up or a step fails, the scope aborts first, so that sockets and peer connections hung on it go away.
 */
import { type Clock, systemClock } from '../clock.js'
import { HoldfastError, isHoldfastError } from '../errors.js'

/** What {@link attemptConnect} needs. */
export interface ConnectAttempt<Result> {
  /** The caller's signal ({@link JoinRequest.signal}). */
  readonly signal: AbortSignal
  /** The whole of `connect()` must be done by then. */
  readonly limitMs: number
  /** Default: the platform's clock. */
  readonly clock?: Clock
  /** The steps. `scope` aborts when the attempt is given up; it never aborts after success. */
  readonly run: (scope: AbortSignal) => Promise<Result>
  /** Undoes a result that arrived after the attempt had been given up. */
  readonly discard?: (late: Result) => void
}

/**
 * Runs the steps; rejects with the signal's reason when aborted, with `provider-timeout` after `limitMs`, with
 * a HoldfastError of the steps as it is, and with `provider-network` (and the cause) for anything else thrown.
 */
export async function attemptConnect<Result>(attempt: ConnectAttempt<Result>): Promise<Result> {
  const { signal, limitMs } = attempt
  signal.throwIfAborted()
  const scope = new AbortController()
  return new Promise<Result>((resolve, reject) => {
    let isSettled = false
    const settle = (finish: () => void): void => {
      if (isSettled) return
      isSettled = true
      cancelTimer()
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const giveUp = (reason: unknown): void =>
      settle(() => {
        scope.abort(reason)
        reject(reason)
      })
    const onAbort = (): void => giveUp(signal.reason)
    const cancelTimer = (attempt.clock ?? systemClock()).after(limitMs, () =>
      giveUp(new HoldfastError('provider-timeout', { details: { limitMs } })),
    )
    signal.addEventListener('abort', onAbort)
    attempt.run(scope.signal).then(
      (result) => (isSettled ? attempt.discard?.(result) : settle(() => resolve(result))),
      (error: unknown) =>
        giveUp(isHoldfastError(error) ? error : new HoldfastError('provider-network', { cause: error })),
    )
  })
}
