/** Runs of strategies: each is one attempt, begun, proven by the hands and settled exactly once. */

import type { Attempt } from '../history/attempt.js'
import type { EngineEffect } from '../recovery/engine/contract.js'
import type { Hands, RunResult } from '../repair/hands.js'
import { type Attempts, createAttempts } from './attempts.js'
import type { CallCore } from './core.js'
import { tellExperience } from './experience-loader.js'
import type { Told } from './recovery-book.js'
import { targetOf } from './recovery-choice.js'

/** The runs of one call. */
export interface RecoveryRuns {
  /** Attempts under way, oldest first. */
  readonly current: readonly Attempt[]
  readonly last: Attempt | null
  /** Id of the attempt that a run is; null where switching keeps it. */
  begin(effect: Extract<EngineEffect, { readonly type: 'run' }>, told: Told, initiator: string): string | null
  stop(runId: string): void
  stopAll(): void
}

interface Running {
  readonly aborting: AbortController
  /** Null where the switch keeps its own attempt. */
  readonly attempts: Attempts | null
}

/** Makes the running part; `onEnd` is called once for each run that was not stopped. */
export function createRecoveryRuns(
  core: CallCore,
  hands: Hands,
  onEnd: (effect: Extract<EngineEffect, { readonly type: 'run' }>, result: RunResult) => void,
): RecoveryRuns {
  const running = new Map<string, Running>()
  let last: Attempt | null = null
  const settle = (runId: string, outcome: RunResult['outcome'], gapMs: number | null): boolean => {
    const run = running.get(runId)
    if (run === undefined) return false
    running.delete(runId)
    if (gapMs !== null) run.attempts?.noteGap(gapMs)
    last = run.attempts?.settle(outcome) ?? last
    core.requestRefresh()
    return true
  }
  const stop = (runId: string): void => {
    const run = running.get(runId)
    settle(runId, 'cancelled', null)
    run?.aborting.abort()
  }
  return {
    get current() {
      return [...running.values()].flatMap(({ attempts }) => attempts?.current ?? [])
    },
    get last() {
      return last
    },
    begin(effect, told, initiator) {
      const { runId, incident, option } = effect
      const aborting = new AbortController()
      // A switch is everybody's: `switching.ts` keeps the one attempt for it.
      const attempts = option.reach === 'call' ? null : attemptsOf(core, runId, told)
      attempts?.begin({
        incident: incident.kind,
        strategy: option.strategy,
        initiator,
        reason: told.explanation.cause,
        from: incident.provider,
        to: incident.provider,
        lineage: core.reading?.lineage ?? null,
        epoch: core.reading?.epoch ?? null,
      })
      running.set(runId, { aborting, attempts })
      void hands.run(option.strategy, targetOf(core, incident), aborting.signal).then((result) => {
        if (settle(runId, result.outcome, result.gapMs)) onEnd(effect, result)
      })
      core.requestRefresh()
      return attempts?.current?.id ?? null
    },
    stop,
    stopAll() {
      for (const runId of [...running.keys()]) stop(runId)
    },
  }
}

/** A log of its own for each run: several run at once, and each is settled by itself. */
function attemptsOf(core: CallCore, runId: string, told: Told): Attempts {
  return createAttempts({
    room: core.options.room,
    session: `${runId}${core.document.session}`,
    clock: core.clock,
    onWrite(attempt) {
      void core.history.put(attempt)
      tellExperience(core, (experience) => experience.saw(attempt, told))
    },
    onSettled(attempt) {
      if (attempt.outcome === 'cancelled') return
      core.events.emit(attempt.outcome === 'succeeded' ? 'recovered' : 'recovery-failed', attempt)
    },
  })
}
