/**
 * One turn: what a single `step` reads and changes while the rules run to their fixpoint. Rules change it only
 * through the functions here, so that all changes of a turn end in at most one published register.
 */
import type { AgreementState } from './agreement.js'
import type { CommittedRecord, VoterId } from './record.js'
import type { Register } from './register.js'
import { withWant } from './register.js'
import type { Effect, View } from './step.js'

/** The mutable scratch state of one step. */
export interface Turn {
  readonly view: View
  /** Live voters, this one included. */
  live: ReadonlySet<VoterId>
  /** The provider known dead here, as of the beginning of the turn. */
  readonly deadProvider: string | null
  /** Everybody's registers with the own one as it will be published. */
  registers: Map<VoterId, Register>
  state: AgreementState
  /** The own register as it will be published; null while listening or hopping. */
  register: Register | null
  /** Something was promised, voted or proposed in this turn, though the register may show a later instance by now. */
  hasSpoken: boolean
  readonly effects: Effect[]
  /** Earliest moment at which a rule that now waits may act. */
  wakeAt: number
}

/** A turn in which this voter has a register. */
export interface ActiveTurn extends Turn {
  register: Register
}

/** A rule: acts once if it can and says whether it did. */
export type Rule = (turn: ActiveTurn) => boolean

/** Starts a turn on top of `state`. */
export function beginTurn(state: AgreementState, view: View): Turn {
  const registers = new Map(view.registers)
  if (state.register) registers.set(state.voter, state.register)
  const live = view.live.has(state.voter) ? view.live : new Set(view.live).add(state.voter)
  const deadProvider = view.isProviderDead ? (state.register?.head.provider ?? null) : null
  return {
    view,
    live,
    deadProvider,
    registers,
    state,
    register: state.register,
    hasSpoken: false,
    effects: [],
    wakeAt: Number.POSITIVE_INFINITY,
  }
}

/** Changes the own register. */
export function change(turn: ActiveTurn, parts: Partial<Omit<Register, 'want'>>): void {
  if ('promised' in parts || 'votedBallot' in parts) turn.hasSpoken = true
  setRegister(turn, { ...turn.register, ...parts })
}

/** Sets or drops the own want. */
export function changeWant(turn: ActiveTurn, want: Register['want'] | null): void {
  setRegister(turn, withWant(turn.register, want))
}

/** Replaces the own register as a whole. */
export function setRegister(turn: Turn, register: Register | null): void {
  turn.register = register
  if (register) turn.registers.set(register.voter, register)
}

/** Changes what is remembered beside the register. */
export function remember(turn: Turn, parts: Partial<AgreementState>): void {
  turn.state = { ...turn.state, ...parts }
}

/** Tells the shell which record now is the head. */
export function announce(turn: Turn, record: CommittedRecord): void {
  turn.effects.push({ type: 'committed', record })
}

/** Whether `at` has come; otherwise asks the shell to come back then. */
export function isDue(turn: Turn, at: number): boolean {
  if (turn.view.now >= at) return true
  turn.wakeAt = Math.min(turn.wakeAt, at)
  return false
}
