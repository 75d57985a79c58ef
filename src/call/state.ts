/**
 * The states of a call and the one table of allowed transitions (promise P19). An illegal transition throws
 * in development and is reported as an error event in production; it never happens silently.
 */
import { HoldfastError } from '../errors.js'
import type { CallState } from './snapshot.js'

const TRANSITIONS: Readonly<Record<CallState, readonly CallState[]>> = {
  idle: ['joining', 'left'],
  joining: ['live', 'switching', 'repairing', 'lost', 'failed', 'leaving'],
  live: ['switching', 'repairing', 'lost', 'leaving', 'failed'],
  switching: ['live', 'repairing', 'lost', 'leaving', 'failed'],
  repairing: ['live', 'switching', 'lost', 'leaving', 'failed'],
  lost: ['live', 'switching', 'repairing', 'leaving', 'failed'],
  leaving: ['left'],
  left: [],
  // A failed join released everything; the app may try again with the same object.
  failed: ['joining', 'left'],
}

/** Every state of a call. */
export const CALL_STATES = Object.keys(TRANSITIONS) as readonly CallState[]

/** Result of {@link validateTransition}. */
export interface TransitionCheck {
  readonly valid: boolean
  /** Why not, in one sentence; empty when valid. */
  readonly reason: string
}

/** Whether a call may go from one state to another; a table lookup. */
export function validateTransition(from: CallState, to: CallState): TransitionCheck {
  const allowed = TRANSITIONS[from]
  if (allowed === undefined) return { valid: false, reason: `There is no state "${String(from)}".` }
  if (allowed.includes(to)) return { valid: true, reason: '' }
  if (!CALL_STATES.includes(to)) return { valid: false, reason: `There is no state "${String(to)}".` }
  if (from === to) return { valid: false, reason: `The call is already ${from}.` }
  const next = allowed.length === 0 ? 'nothing follows it' : `only ${allowed.join(', ')} may follow`
  return { valid: false, reason: `A call that is ${from} cannot become ${to}: ${next}.` }
}

/** Holds the state; the only place that changes it. */
export interface CallStateHolder {
  readonly current: CallState
  /** Enters `to`; entering the present state again does nothing. Returns whether the state changed. */
  enter(to: CallState): boolean
}

/** Makes a holder that starts at `idle`. */
export function createCallState(options: {
  readonly isDevelopment: boolean
  readonly onChange: (from: CallState, to: CallState) => void
  readonly onIllegal: (error: HoldfastError) => void
}): CallStateHolder {
  let current: CallState = 'idle'
  return {
    get current() {
      return current
    },
    enter(to) {
      if (to === current) return false
      const check = validateTransition(current, to)
      if (!check.valid) {
        const error = new HoldfastError('invalid-transition', {
          message: check.reason,
          details: { from: current, to },
        })
        if (options.isDevelopment) throw error
        options.onIllegal(error)
        return false
      }
      const from = current
      current = to
      options.onChange(from, to)
      return true
    },
  }
}

/** What the next state depends on. */
export interface StateFacts {
  readonly hasJoined: boolean
  readonly isConnected: boolean
  readonly isRepairing: boolean
  readonly isProviderDead: boolean
  readonly isSwitching: boolean
  readonly next: string | null
}

/** Where a joined call stands, given the facts; states outside the joined part are kept. */
export function nextState(current: CallState, facts: StateFacts): CallState {
  if (current === 'idle' || current === 'leaving' || current === 'left' || current === 'failed') return current
  if (!facts.hasJoined) return 'joining'
  if (facts.isProviderDead && facts.next === null && !facts.isSwitching) return 'lost'
  if (facts.isSwitching) return 'switching'
  if (facts.isRepairing) return 'repairing'
  if (facts.isConnected) return 'live'
  return current === 'joining' ? 'joining' : 'repairing'
}
