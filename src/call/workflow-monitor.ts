/**
 * Starts the right workflow when something around the call has failed: at once when a connect is refused, and by a
 * look every half minute at what tells nobody that it broke. The same workflow never runs twice for one subject, and
 * one that has failed is tried again later and later.
 */
import type { Clock } from '../clock.js'
import type { RecoveryKind } from '../recovery/engine/contract.js'
import type { WorkflowState } from '../recovery/workflow.js'
import { WORKFLOWS, type WorkflowFacts, type WorkflowId, wantedWorkflows } from '../recovery/workflow-specs.js'
import { createPolicy, type Policy } from '../repair/policies/policy.js'
import { type RunningWorkflow, runWorkflow } from '../repair/workflows/run-workflow.js'
import { stepsOf, type WorkflowWorld } from '../repair/workflows/steps.js'

/** One workflow that runs or ran. */
export interface WorkflowStatus {
  readonly id: WorkflowId
  /** The provider it is about; empty where it is about none. */
  readonly subject: string
  readonly kind: RecoveryKind
  readonly state: WorkflowState['state']
  readonly outcomes: WorkflowState['outcomes']
}

/** How often which end was met (promise P36). */
export interface WorkflowMetrics {
  readonly started: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** Asked for while the same one ran. */
  readonly duplicates: number
}

/** The monitor. */
export interface WorkflowMonitor {
  /** Starts what the facts ask for. */
  look(facts: WorkflowFacts): void
  /** Starts one; false where it runs already. */
  start(id: WorkflowId, subject: string, kind: RecoveryKind): boolean
  /** Breaks one off, or all of them; what they did is taken back. */
  cancel(id?: WorkflowId): void
  /** The latest of each workflow and subject. */
  status(): readonly WorkflowStatus[]
  readonly metrics: WorkflowMetrics
  stop(): void
}

/** What {@link createWorkflowMonitor} takes. */
export interface WorkflowMonitorOptions {
  readonly world: WorkflowWorld
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** What to look at between events; called every half minute. */
  readonly facts: () => Promise<WorkflowFacts>
  readonly onOver: (status: WorkflowStatus) => void
}

/** What broke without telling anybody is found within this time. */
const LOOK_EVERY_MS = 30_000
/** A workflow that failed is not started again at once, and later and later. */
const AGAIN_FIRST_MS = 5_000
const AGAIN_MAX_MS = 600_000
/** Subjects are providers: as many as a call may have, for each workflow. */
const KEPT_MAX = 80

interface Kept {
  readonly id: WorkflowId
  readonly subject: string
  readonly kind: RecoveryKind
  readonly policy: Policy
  running: RunningWorkflow
  failures: number
  notBeforeMs: number
}

/** Makes it; it looks until it is stopped. */
export function createWorkflowMonitor(options: WorkflowMonitorOptions): WorkflowMonitor {
  const { clock, random } = options
  const kept = new Map<string, Kept>()
  const metrics = { started: 0, succeeded: 0, failed: 0, cancelled: 0, duplicates: 0 }
  let isStopped = false

  const start = (id: WorkflowId, subject: string, kind: RecoveryKind): boolean => {
    const key = `${id} ${subject}`
    const before = kept.get(key)
    if (isStopped) return false
    if (before?.running.state.state === 'in-progress') {
      metrics.duplicates += 1
      return false
    }
    if (kind === 'automatic' && clock.now() < (before?.notBeforeMs ?? 0)) return false
    metrics.started += 1
    const hands = stepsOf(id, subject, options.world)
    const running = runWorkflow({ spec: WORKFLOWS[id], kind, hands, clock })
    const policy =
      before?.policy ??
      createPolicy(
        { kind: 'exponential', firstMs: AGAIN_FIRST_MS, maxMs: AGAIN_MAX_MS },
        { now: clock.now, random },
      )
    const one: Kept = { id, subject, kind, policy, running, failures: before?.failures ?? 0, notBeforeMs: 0 }
    kept.delete(key)
    kept.set(key, one)
    const [oldest] = kept.keys()
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
    void running.over.then(() => settle(one))
    return true
  }
  const settle = (one: Kept): void => {
    const { state } = one.running.state
    if (state === 'idle' || state === 'in-progress') return
    metrics[state] += 1
    // A store that stayed in memory has not been repaired, however calmly that was done.
    const isRepaired = state === 'succeeded' && one.running.state.outcomes.reopen !== 'failed'
    one.policy.note({ isOk: isRepaired })
    one.failures = isRepaired ? 0 : one.failures + 1
    one.notBeforeMs = isRepaired ? 0 : clock.now() + (one.policy.nextDelayMs(one.failures) ?? AGAIN_MAX_MS)
    if (!isStopped) options.onOver(statusOf(one))
  }
  const look = (facts: WorkflowFacts): void => {
    for (const { id, subject } of wantedWorkflows(facts)) start(id, subject, 'automatic')
  }
  let cancelLook = clock.after(LOOK_EVERY_MS, again)
  function again(): void {
    void options.facts().then((facts) => {
      if (isStopped) return
      look(facts)
      cancelLook = clock.after(LOOK_EVERY_MS, again)
    })
  }
  const cancel = (id?: WorkflowId): void => {
    for (const one of kept.values()) if (id === undefined || one.id === id) one.running.cancel()
  }
  return {
    look,
    start,
    cancel,
    status: () => [...kept.values()].map(statusOf),
    metrics,
    stop() {
      isStopped = true
      cancelLook()
      cancel()
    },
  }
}

function statusOf({ id, subject, kind, running }: Kept): WorkflowStatus {
  const { state, outcomes } = running.state
  return { id, subject, kind, state, outcomes }
}
