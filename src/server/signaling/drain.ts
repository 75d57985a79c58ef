/** Saying goodbye to everybody without sending them all to the next server in the same moment. */
import type { Client } from './client.js'

/** Goodbyes per second: what the next process admits without its other clients noticing. */
const GOODBYES_PER_SECOND = 1_000
const MS_PER_SECOND = 1_000
/** Longer than a close frame is waited for, so that it can be answered. */
const LAST_WORDS_MS = 2_500
const LOOK_EVERY_MS = 20

/**
 * Closes all clients with `restart` (1012) at random moments within `drainMs`, less when they are few. Resolves
 * when `sockets` says that none is left, or shortly after the time is over.
 */
export async function sayGoodbye(
  clients: ReadonlySet<Client>,
  sockets: () => number,
  drainMs: number,
): Promise<void> {
  const windowMs = Math.min(drainMs, (clients.size / GOODBYES_PER_SECOND) * MS_PER_SECOND)
  for (const client of clients) setTimeout(() => client.dismiss('restart'), Math.random() * windowMs)
  const endsAtMs = performance.now() + windowMs + LAST_WORDS_MS
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (sockets() > 0 && performance.now() < endsAtMs) return
      clearInterval(timer)
      resolve()
    }, LOOK_EVERY_MS)
  })
}
