/**
 * Carries a workflow out: runs its steps one after the other, each with its time limit, and takes them back when one
 * that has to work does not. What comes next is decided by `recovery/workflow.ts`.
 */
import type { Clock } from '../../clock.js'
import type { RecoveryKind } from '../../recovery/engine/contract.js'
import {
  newWorkflow,
  type StepSpec,
  stepWorkflow,
  type WorkflowEffect,
  type WorkflowInput,
  type WorkflowSpec,
  type WorkflowState,
} from '../../recovery/workflow.js'

/** What one step does; both may reject, which is a failure. */
export interface StepHand {
  /** `enough`: it worked, and the rest is not needed. */
  run(signal: AbortSignal): Promise<boolean | 'enough'>
  undo?(): Promise<boolean>
}

/** Hands by the id of the step. */
export type StepHands = Readonly<Record<string, StepHand>>

/** A workflow under way. */
export interface RunningWorkflow {
  readonly state: WorkflowState
  /** Resolves when it is over, in whatever way; never rejects. */
  readonly over: Promise<WorkflowState>
  /** Breaks it off; what was done is taken back. */
  cancel(): void
}

/** What {@link runWorkflow} takes. */
export interface WorkflowRun {
  readonly spec: WorkflowSpec
  readonly kind: RecoveryKind
  readonly hands: StepHands
  readonly clock: Clock
}

/** Begins it. A step without a hand fails. */
export function runWorkflow({ spec, kind, hands, clock }: WorkflowRun): RunningWorkflow {
  let state = newWorkflow(spec, kind)
  let finish: (state: WorkflowState) => void
  const over = new Promise<WorkflowState>((resolve) => {
    finish = resolve
  })
  let running = new AbortController()

  const tell = (input: DistributiveOmit<WorkflowInput, 'now'>): void => {
    const stepped = stepWorkflow(state, { ...input, now: clock.now() })
    state = stepped.state
    if (stepped.effect !== null) follow(stepped.effect)
  }
  const follow = (effect: WorkflowEffect): void => {
    if (effect.type === 'over') finish(state)
    else if (effect.type === 'abort') running.abort()
    else if (effect.type === 'run') void run(effect.step)
    else void undo(effect.step)
  }
  const run = async (step: StepSpec): Promise<void> => {
    running = new AbortController()
    const { signal } = running
    const outcome = await within(
      clock,
      step.timeoutMs,
      running,
      async () => hands[step.id]?.run(signal) ?? false,
    )
    tell({ type: 'step-ended', isOk: outcome !== false, isEnough: outcome === 'enough' })
  }
  const undo = async (step: StepSpec): Promise<void> => {
    const limit = new AbortController()
    const isOk = await within(clock, step.timeoutMs, limit, async () => hands[step.id]?.undo?.() ?? false)
    tell({ type: 'undo-ended', isOk: isOk !== false })
  }

  tell({ type: 'start' })
  return {
    get state() {
      return state
    },
    over,
    cancel: () => tell({ type: 'cancel' }),
  }
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never

/** What the work says; false when it rejects, is broken off or takes too long. */
async function within(
  clock: Clock,
  limitMs: number,
  controller: AbortController,
  work: () => Promise<boolean | 'enough'>,
): Promise<boolean | 'enough'> {
  const cancelTimer = clock.after(limitMs, () => controller.abort())
  try {
    return await Promise.race([
      work(),
      new Promise<false>((resolve) => {
        controller.signal.addEventListener('abort', () => resolve(false), { once: true })
      }),
    ])
  } catch {
    // How a step fails is its own business; that it failed decides what comes next.
    return false
  } finally {
    cancelTimer()
  }
}
