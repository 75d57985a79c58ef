/** What has to be looked at regularly: sockets that do not answer, and queues that together grow too long. */
import type { Client } from './client.js'

/** What {@link startUpkeep} needs. */
export interface UpkeepOptions {
  readonly clients: ReadonlySet<Client>
  readonly queuesMaxBytes: number
  readonly pingIntervalMs: number
  /** Monotonic. */
  readonly now: () => number
}

/** Often enough that pings are spread over their interval instead of going out to everybody at once. */
const ROUNDS_PER_INTERVAL = 15
/** Long queues grow within seconds, however rarely is pinged. */
const ROUND_MAX_MS = 1_000

/** Starts looking; call the result to stop. */
export function startUpkeep(options: UpkeepOptions): () => void {
  const everyMs = Math.min(ROUND_MAX_MS, options.pingIntervalMs / ROUNDS_PER_INTERVAL)
  const timer = setInterval(() => {
    const nowMs = options.now()
    for (const client of options.clients) client.beat(nowMs)
    shorten(options)
  }, everyMs)
  return () => clearInterval(timer)
}

/** Bytes that wait for all clients. */
export function queuedBytes(clients: Iterable<Client>): number {
  let sum = 0
  for (const client of clients) sum += client.queuedBytes
  return sum
}

/** The longest queues belong to the readers that are furthest behind: they go first. */
function shorten({ clients, queuesMaxBytes }: UpkeepOptions): void {
  let sum = queuedBytes(clients)
  if (sum <= queuesMaxBytes) return
  for (const client of [...clients].sort((a, b) => b.queuedBytes - a.queuedBytes)) {
    if (sum <= queuesMaxBytes) return
    sum -= client.queuedBytes
    client.dismiss('tooSlow')
  }
}
