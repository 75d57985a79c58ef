/**
 * A virtual network: each direction between two pages loses, repeats, delays and reorders by itself and can be cut
 * by itself. Delays have a heavy tail, because real ones have.
 */
import type { Random } from '../random.js'
import type { VirtualTime } from './virtual-time.js'

/** What a direction does to messages. */
export interface LinkQuality {
  readonly minDelayMs: number
  /** Scale of the tail: half of the messages take less than two thirds of it on top of the minimum. */
  readonly spreadMs: number
  readonly maxDelayMs: number
  readonly loss: number
  readonly duplication: number
}

/** A good network. */
export const CLEAN: LinkQuality = { minDelayMs: 5, spreadMs: 15, maxDelayMs: 200, loss: 0, duplication: 0 }
/** A bad mobile network. */
export const ROUGH: LinkQuality = {
  minDelayMs: 5,
  spreadMs: 40,
  maxDelayMs: 4000,
  loss: 0.08,
  duplication: 0.08,
}

/** An end of a link. */
export interface Endpoint {
  readonly id: number
}

/** The network of a room. */
export interface Network {
  quality: LinkQuality
  readonly counts: { sent: number; lost: number; duplicated: number; cut: number }
  send(from: Endpoint, to: Endpoint, deliver: () => void): void
  cut(from: Endpoint, to: Endpoint): void
  restore(from: Endpoint, to: Endpoint): void
  restoreAll(): void
}

/** Shape of the tail: one message in a hundred takes 24 times the spread. */
const TAIL = 0.7

/** Starts with every direction open. */
export function createNetwork(time: VirtualTime, random: Random, quality: LinkQuality): Network {
  const cuts = new Set<string>()
  const counts = { sent: 0, lost: 0, duplicated: 0, cut: 0 }
  const network: Network = {
    quality,
    counts,
    send(from, to, deliver) {
      if (cuts.size > 0 && cuts.has(keyOf(from, to))) {
        counts.cut++
        return
      }
      const { loss, duplication } = network.quality
      const copies = random.chance(loss) ? 0 : random.chance(duplication) ? 2 : 1
      counts.sent++
      if (copies === 0) counts.lost++
      if (copies === 2) counts.duplicated++
      for (let copy = 0; copy < copies; copy++) time.after(delay(network.quality, random), deliver)
    },
    cut: (from, to) => void cuts.add(keyOf(from, to)),
    restore: (from, to) => void cuts.delete(keyOf(from, to)),
    restoreAll: () => cuts.clear(),
  }
  return network
}

function keyOf(from: Endpoint, to: Endpoint): string {
  return `${from.id}>${to.id}`
}

function delay({ minDelayMs, spreadMs, maxDelayMs }: LinkQuality, random: Random): number {
  const tail = spreadMs * ((1 - random.next()) ** -TAIL - 1)
  return Math.min(maxDelayMs, minDelayMs + tail)
}
