/** One page of a scenario: its agreement, what it has read, and whom it has heard. */
import type { AgreementState } from '../../src/consensus/agreement.js'
import type { VoterId } from '../../src/consensus/record.js'
import type { Fold } from '../../src/document/fold.js'

/** Somebody else, as a page last heard it. */
export interface Heard {
  readonly voter: VoterId
  readonly at: number
  readonly hasLeft: boolean
}

/** One page. */
export interface Page {
  readonly name: string
  readonly participant: string
  state: AgreementState
  fold: Fold
  heard: Map<string, Heard>
  synced: Set<string>
  status: 'up' | 'frozen' | 'left' | 'crashed'
  voters: number
  backlog: (() => void)[]
  connecting: Set<string>
  seenDead: Set<string>
  wakeTimer: number
}

/** When somebody falls silent for too long, as the shell asks for (call/agreement-loop.ts). */
export function liveUntil({ heard, state }: Page, now: number): number {
  const { deadAfterMs } = state.timings
  return Math.min(...[...heard.values()].map(({ at }) => at + deadAfterMs).filter((at) => at > now))
}
