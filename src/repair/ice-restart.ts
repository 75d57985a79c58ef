/** The cheapest repair: a new path for the same connection, media and subscriptions kept. */
import type { Connection } from '../providers/provider.js'

/** Restarts ICE once; failure is not an error here, the next strategy takes over. */
export function restartIce(connection: Connection, onSettled: () => void): void {
  const restart = connection.restartIce
  if (restart === undefined) return
  // Success is judged by media, so both ways of settling only ask for another look.
  restart.call(connection).then(onSettled, onSettled)
}
