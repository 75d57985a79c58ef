/**
 * Which register of each voter counts: the highest verified seq ever seen, whatever the shared map shows
 * now, because the map's last writer is only the higher Yjs client id. Pure: no Yjs, no clock.
 *
 * A voter that signs two contents with one seq is excluded for good (docs/protocol.md, Guarantees).
 */
import type { VoterId } from '../consensus/record.js'
import type { Register, Registers } from '../consensus/register.js'

/** What became of an accepted register. */
export type FoldOutcome = 'changed' | 'same' | 'older' | 'equivocated' | 'excluded' | 'full'

/** The shadow copy of everybody's register. */
export interface Fold {
  /** Takes a verified register and its deterministic text. */
  accept(register: Register, content: string): FoldOutcome
  /** Same identity while unchanged. */
  readonly registers: Registers
}

/** What {@link createFold} takes. */
export interface FoldOptions {
  /** Bound of the shadow copy. Default 256. */
  readonly maxVoters?: number
  /** When a voter was last heard, in any monotonic unit; the longest silent makes room when full. */
  readonly heardAt?: (voter: VoterId) => number
  /** A live voter never makes room for another. */
  readonly isLive?: (voter: VoterId) => boolean
}

/** Makes an empty fold. */
export function createFold(options: FoldOptions = {}): Fold {
  const maxVoters = options.maxVoters ?? DEFAULT_MAX_VOTERS
  const seen = new Map<VoterId, Map<number, string>>()
  const excluded = new Set<VoterId>()
  let registers: Registers = new Map()

  const replace = (voter: VoterId, register: Register | null, dropped?: VoterId): void => {
    const next = new Map(registers)
    if (dropped !== undefined) next.delete(dropped)
    if (register === null) next.delete(voter)
    else next.set(voter, register)
    registers = next
  }

  const longestSilent = (): VoterId | undefined => {
    const silent = [...registers.keys()].filter((voter) => !(options.isLive?.(voter) ?? false))
    const heardAt = options.heardAt ?? (() => 0)
    return silent.reduce<VoterId | undefined>(
      (least, voter) => (least === undefined || heardAt(voter) < heardAt(least) ? voter : least),
      undefined,
    )
  }

  return {
    get registers() {
      return registers
    },
    accept(register, content) {
      const { voter, seq } = register
      if (excluded.has(voter)) return 'excluded'
      const history = seen.get(voter) ?? new Map<number, string>()
      const earlier = history.get(seq)
      if (earlier === content) return 'same'
      if (earlier !== undefined) {
        if (excluded.size >= EXCLUDED_MAX) excluded.delete([...excluded][0] ?? '')
        excluded.add(voter)
        seen.delete(voter)
        replace(voter, null)
        return 'equivocated'
      }
      const current = registers.get(voter)
      let dropped: VoterId | undefined
      if (current === undefined && registers.size >= maxVoters) {
        dropped = longestSilent()
        if (dropped === undefined) return 'full'
        seen.delete(dropped)
      }
      seen.set(voter, history)
      remember(history, seq, content)
      if (current !== undefined && current.seq > seq) return 'older'
      replace(voter, register, dropped)
      return 'changed'
    },
  }
}

function remember(history: Map<number, string>, seq: number, content: string): void {
  history.set(seq, content)
  if (history.size > HISTORY_MAX) history.delete(Math.min(...history.keys()))
}

/** A call has tens of people; each refresh is one more voter. */
const DEFAULT_MAX_VOTERS = 256
/** How far back two contents with one seq are noticed. */
const HISTORY_MAX = 32
/** Enough to remember every cheat of a call, bounded against a flood of them. */
const EXCLUDED_MAX = 1024
