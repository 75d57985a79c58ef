/**
 * Which register of each voter counts: the highest verified seq ever seen, whatever the shared map shows
 * now, because the map's last writer is only the higher Yjs client id. Pure: no Yjs, no clock.
 *
 * A voter that signs two contents with one seq is excluded for good, and what it signed is kept as evidence
 * (docs/protocol.md, Guarantees).
 */
import type { VoterId } from '../consensus/record.js'
import type { Register, Registers } from '../consensus/register.js'

/** What became of an accepted register. */
export type FoldOutcome = 'changed' | 'same' | 'older' | 'equivocated' | 'excluded' | 'full'

/** Two signed values that one voter cannot honestly have made. */
export type Evidence = readonly [string, string]

/** The shadow copy of everybody's register. */
export interface Fold {
  /** Takes a verified register, its deterministic text, and the signed value for evidence. */
  accept(register: Register, content: string, value?: string): FoldOutcome
  /** Excludes a voter that others have caught; whether that is news. */
  exclude(voter: VoterId, evidence: Evidence): boolean
  /** What an excluded voter was caught with. */
  evidenceOf(voter: VoterId): Evidence | null
  /** Forgets a voter that nobody needs any more; what it was caught with stays. */
  forget(voter: VoterId): void
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

interface Signed {
  readonly content: string
  readonly value: string
}

/** Makes an empty fold. */
export function createFold(options: FoldOptions = {}): Fold {
  const maxVoters = options.maxVoters ?? DEFAULT_MAX_VOTERS
  const seen = new Map<VoterId, Map<number, Signed>>()
  const excluded = new Map<VoterId, Evidence>()
  let registers: Registers = new Map()

  const replace = (voter: VoterId, register: Register | null, dropped?: VoterId): void => {
    const next = new Map(registers)
    if (dropped !== undefined) next.delete(dropped)
    if (register === null) next.delete(voter)
    else next.set(voter, register)
    registers = next
  }
  const forget = (voter: VoterId): void => {
    seen.delete(voter)
    if (registers.has(voter)) replace(voter, null)
  }
  const exclude = (voter: VoterId, evidence: Evidence): boolean => {
    if (excluded.has(voter)) return false
    if (excluded.size >= EXCLUDED_MAX) excluded.delete([...excluded.keys()][0] ?? '')
    excluded.set(voter, evidence)
    forget(voter)
    return true
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
    exclude,
    forget,
    evidenceOf: (voter) => excluded.get(voter) ?? null,
    accept(register, content, value = content) {
      const { voter, seq } = register
      if (excluded.has(voter)) return 'excluded'
      const history = seen.get(voter) ?? new Map<number, Signed>()
      const earlier = history.get(seq)
      if (earlier?.content === content) return 'same'
      if (earlier !== undefined) {
        exclude(voter, [earlier.value, value])
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
      remember(history, seq, { content, value })
      if (current !== undefined && current.seq > seq) return 'older'
      replace(voter, register, dropped)
      return 'changed'
    },
  }
}

function remember(history: Map<number, Signed>, seq: number, signed: Signed): void {
  history.set(seq, signed)
  if (history.size > HISTORY_MAX) history.delete(Math.min(...history.keys()))
}

/** A call has tens of people; each refresh is one more voter. */
const DEFAULT_MAX_VOTERS = 256
/** How far back two contents with one seq are noticed; each costs up to 2 kB. */
const HISTORY_MAX = 16
/** Enough to remember every cheat of a call, bounded against a flood of them. */
const EXCLUDED_MAX = 256
