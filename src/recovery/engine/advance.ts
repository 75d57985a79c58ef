/** What time and room allow: runs that took too long are given up, and who waits gets his turn. Pure. */
import type { Recovery } from './contract.js'
import { heldBack } from './gate.js'
import { RUN_OVERDUE_MS, SETTLE_MS } from './limits.js'
import { fail, finish, holdBack } from './runs.js'
import { type Change, put } from './state.js'

/** Goes through all recoveries, oldest first. */
export function advance(change: Change): void {
  for (const id of [...change.state.recoveries.keys()]) {
    giveUpLate(change, change.state.recoveries.get(id))
    beginNext(change, change.state.recoveries.get(id))
  }
}

function giveUpLate(change: Change, recovery: Recovery | undefined): void {
  if (!recovery?.run) return
  const { run } = recovery
  const isOverdue = change.state.now - run.startedAtMs > run.option.timeoutMs + RUN_OVERDUE_MS
  if (run.leftMs > 0 && !isOverdue) return
  change.effects.push({ type: 'stop', runId: run.id })
  fail(change, recovery, 0)
}

function beginNext(change: Change, recovery: Recovery | undefined): void {
  if (recovery?.state !== 'idle' || recovery.isAsking) return
  const { now, limits } = change.state
  const { succeededAtMs, incident } = recovery
  // It worked by frames; the detectors need a moment to see it.
  if (succeededAtMs !== null && now - succeededAtMs < SETTLE_MS) return
  const why = heldBack(change.state, recovery)
  const isOwnTime = why !== 'emergency' && why !== 'automatic-off' && why !== 'too-mild'
  if (recovery.spentMs > limits.budgetMs && isOwnTime) {
    if (recovery.tries > 0) change.effects.push({ type: 'nothing', incident, why: 'budget-spent' })
    finish(change, recovery, 'failed')
    return
  }
  if (now < recovery.nextAtMs) return
  if (why !== null) {
    holdBack(change, recovery, why, 0)
    return
  }
  put(change, { ...recovery, isAsking: true, succeededAtMs: null })
  change.effects.push({ type: 'ask', incident, failed: recovery.failed, wanted: recovery.wanted })
}
