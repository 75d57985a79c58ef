/** The cheapest repair: a new path for the same connection, media and subscriptions kept. */
import type { Connection } from '../providers/provider.js'

/** Restarts ICE once; failure is not an error here, the next strategy takes over. */
export function restartIce(connection: Connection, onDone: () => void, onFailed: () => void): void {
  const restart = connection.restartIce
  if (restart === undefined) return
  // Success is judged by media; what could not even be begun need not be waited for.
  restart.call(connection).then(onDone, onFailed)
}
