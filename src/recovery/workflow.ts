/**
 * A workflow is steps in a fixed order towards one repair of what stands around a call: a provider's API, the database,
 * a cache, a server that asks for patience. A step that fails is passed over when it is optional; otherwise what was
 * done is taken back in reverse order, as far as it can be. Pure: effects say what to run, inputs how it went.
 */
import type { RecoveryKind, RecoveryState } from './engine/contract.js'

/** One step, as data; what it does is in the hands of the shell. */
export interface StepSpec {
  readonly id: string
  /** A failure does not end the workflow. Default false. */
  readonly isOptional?: boolean
  /** Runs only if an optional step before it failed. Default false. */
  readonly isFallback?: boolean
  /** What it did can be taken back. Default false. */
  readonly hasUndo?: boolean
  /** A step that takes longer has failed. */
  readonly timeoutMs: number
}

/** A workflow; ids of steps are unique in it. */
export interface WorkflowSpec {
  readonly id: string
  readonly steps: readonly StepSpec[]
}

/** How a step ended. */
export type StepOutcome = 'done' | 'failed' | 'skipped' | 'undone' | 'undo-failed'

/** Where a workflow stands; plain data. */
export interface WorkflowState {
  readonly spec: WorkflowSpec
  readonly kind: RecoveryKind
  readonly state: RecoveryState
  /** Index of the step that runs or is being undone. */
  readonly at: number
  /** Nothing more is begun: what was done is being taken back. */
  readonly isRollingBack: boolean
  /** It was broken off; what was done is taken back all the same. */
  readonly isCancelled: boolean
  readonly outcomes: Readonly<Record<string, StepOutcome>>
  readonly startedAtMs: number
  readonly endedAtMs: number | null
}

/** What happened. `now`: monotonic milliseconds. */
export type WorkflowInput = { readonly now: number } & (
  | { readonly type: 'start' }
  /** `isEnough`: it worked, and the rest is not needed. */
  | { readonly type: 'step-ended'; readonly isOk: boolean; readonly isEnough?: boolean }
  | { readonly type: 'undo-ended'; readonly isOk: boolean }
  | { readonly type: 'cancel' }
)

/** What to do next: exactly one after each input that changed something. */
export type WorkflowEffect =
  | { readonly type: 'run'; readonly step: StepSpec }
  | { readonly type: 'undo'; readonly step: StepSpec }
  /** Break off the step that runs; its end still has to be told. */
  | { readonly type: 'abort' }
  | { readonly type: 'over' }

interface Stepped {
  readonly state: WorkflowState
  readonly effect: WorkflowEffect | null
}

/** A workflow that has not begun. */
export function newWorkflow(spec: WorkflowSpec, kind: RecoveryKind): WorkflowState {
  return {
    spec,
    kind,
    state: 'idle',
    at: -1,
    isRollingBack: false,
    isCancelled: false,
    outcomes: {},
    startedAtMs: 0,
    endedAtMs: null,
  }
}

/** Takes one input; what does not fit the state changes nothing. */
export function stepWorkflow(state: WorkflowState, input: WorkflowInput): Stepped {
  if (input.type === 'start')
    return state.state === 'idle'
      ? forward({ ...state, state: 'in-progress', startedAtMs: input.now }, input.now)
      : unchanged(state)
  if (state.state !== 'in-progress') return cancelIdle(state, input)
  if (input.type === 'cancel')
    return state.isRollingBack
      ? unchanged(state)
      : { state: { ...state, isRollingBack: true, isCancelled: true }, effect: { type: 'abort' } }
  const step = state.spec.steps[state.at]
  if (step === undefined) return unchanged(state)
  if (input.type === 'undo-ended')
    return back(noted(state, step, input.isOk ? 'undone' : 'undo-failed'), input.now)
  return ended(state, step, input)
}

function ended(
  state: WorkflowState,
  step: StepSpec,
  { isOk, isEnough = false, now }: Extract<WorkflowInput, { type: 'step-ended' }>,
): Stepped {
  const next = noted(state, step, isOk ? 'done' : 'failed')
  if (state.isRollingBack) return back({ ...next, at: state.spec.steps.length }, now)
  if (isOk && isEnough) return over(next, 'succeeded', now)
  if (isOk || step.isOptional) return forward(next, now)
  return back({ ...next, isRollingBack: true, at: state.spec.steps.length }, now)
}

/** To the next step that has to run. */
function forward(state: WorkflowState, now: number): Stepped {
  const { spec, outcomes } = state
  const hasFailed = Object.values(outcomes).includes('failed')
  for (let at = state.at + 1, next = state; ; at += 1) {
    const step = spec.steps[at]
    if (step === undefined) return over(next, 'succeeded', now)
    if (!step.isFallback || hasFailed) return { state: { ...next, at }, effect: { type: 'run', step } }
    next = noted(next, step, 'skipped')
  }
}

/** To the latest step that was done and can be taken back. */
function back(state: WorkflowState, now: number): Stepped {
  for (let at = state.at - 1; at >= 0; at -= 1) {
    const step = state.spec.steps[at]
    if (step?.hasUndo && state.outcomes[step.id] === 'done')
      return { state: { ...state, at }, effect: { type: 'undo', step } }
  }
  return over(state, state.isCancelled ? 'cancelled' : 'failed', now)
}

function cancelIdle(state: WorkflowState, input: WorkflowInput): Stepped {
  if (input.type !== 'cancel' || state.state !== 'idle') return unchanged(state)
  return over(state, 'cancelled', input.now)
}

function over(state: WorkflowState, end: 'succeeded' | 'failed' | 'cancelled', now: number): Stepped {
  return { state: { ...state, state: end, endedAtMs: now }, effect: { type: 'over' } }
}

function noted(state: WorkflowState, step: StepSpec, outcome: StepOutcome): WorkflowState {
  return { ...state, outcomes: { ...state.outcomes, [step.id]: outcome } }
}

function unchanged(state: WorkflowState): Stepped {
  return { state, effect: null }
}
