/** Seeded randomness: the same seed replays the same run, bit for bit. */

/** Numbers of one seed. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** Whole number in [low, high]. */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  shuffle<T>(items: readonly T[]): T[]
}

/** Mulberry32: small, fast and good enough to spread faults. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[between(0, items.length - 1)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    shuffle: (items) => {
      const order = [...items]
      for (let index = order.length - 1; index > 0; index--) {
        const other = between(0, index)
        const held = order[index] as never
        order[index] = order[other] as never
        order[other] = held
      }
      return order
    },
  }
}
