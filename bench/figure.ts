/** What a bench suite measures and returns; `scripts/bench.mjs` prints it. */

/** One measured number. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The bar in words of the unit, e.g. `<= 1.5`; null where the number is only reported. */
  readonly bar: string | null
  /** Whether the bar holds; null without a bar. */
  readonly holds: boolean | null
  /** How many measurements are behind it. */
  readonly n: number
}

/** What each `bench/SUITE.ts` exports as `run`. Progress lines are for people and go to stderr. */
export type RunSuite = (progress: (line: string) => void) => Promise<readonly Figure[]>
