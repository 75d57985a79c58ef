/**
 * Rule 1: take over what is decided. A want that lost against another switch is dropped, because the call must
 * not bounce; one that only lost its turn to a change of seats is carried to the next instance.
 */
import type { AgreementState } from '../agreement.js'
import { decide } from '../decide.js'
import type { CommittedRecord } from '../record.js'
import { FRESH_INSTANCE, withWant } from '../register.js'
import { type ActiveTurn, announce, remember, setRegister } from '../turn.js'

/** Rule 1. */
export function learn(turn: ActiveTurn): boolean {
  const { register } = turn
  const decided = decide(turn.registers, register.lineage, register.head)
  if (decided === null || decided.n <= register.head.n) return false
  const want = carriedWant(turn, decided)
  const seated = newlySeated(turn, decided)
  setRegister(turn, withWant({ ...register, head: decided, ...FRESH_INSTANCE }, want))
  if (want === null) remember(turn, { wantSince: null, isAppWant: false })
  remember(turn, { roundSince: null, seated })
  blame(turn, register.head, decided)
  announce(turn, decided)
  return true
}

function carriedWant(
  { register: { want, head } }: ActiveTurn,
  decided: CommittedRecord,
): { provider: string; n: number } | null {
  if (want === undefined || decided.provider !== head.provider) return null
  return { provider: want.provider, n: decided.n + 1 }
}

function newlySeated(
  { state, register, view }: ActiveTurn,
  { committee }: CommittedRecord,
): AgreementState['seated'] {
  const isNew = (voter: string): boolean => !register.head.committee.includes(voter)
  const voters = committee.filter((voter) => isNew(voter) || state.seated?.voters.includes(voter))
  return { voters, at: committee.some(isNew) ? view.now : (state.seated?.at ?? view.now) }
}

/** A provider that was left because it died is not wanted again at once by the core itself. */
function blame(turn: ActiveTurn, left: CommittedRecord, decided: CommittedRecord): void {
  if (left.provider === null || left.provider !== turn.deadProvider) return
  if (decided.provider === left.provider) return
  const until = turn.view.now + turn.state.timings.retryAfterMs
  remember(turn, { avoid: { ...turn.state.avoid, [left.provider]: until } })
}
