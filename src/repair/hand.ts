/** What one strategy does, as its own file has it; who runs it and proves it is in `hands.ts`. */
import type { Target } from '../recovery/strategy.js'
import type { Freshness } from './flow.js'
import type { HandsWorld, LiveConnection } from './world.js'

/** What a hand gets. */
export interface HandContext {
  readonly world: HandsWorld
  readonly target: Target
  /** The connection of the target. */
  readonly live: LiveConnection
  /** Aborts when the time is up or the run is cancelled. */
  readonly signal: AbortSignal
}

/** What a hand did. */
export interface Done {
  /** It could do nothing, and why, as a stable key. */
  readonly refused?: string
  /** The connection on which media has to flow now; default: the target's. */
  readonly connectionId?: string
  /** Default `any`. */
  readonly freshness?: Freshness
}

/** Does one thing; may reject with whatever went wrong, and need not watch `signal` to be given up. */
export interface Hand {
  act(context: HandContext): Promise<Done>
  undo?(context: HandContext): Promise<void>
}

/** The hand cannot do anything here. */
export function refuse(why: string): Done {
  return { refused: why }
}

/** Done, and any growth proves it. */
export const DONE: Done = {}
