/** Incidents and options for tests of the engine. */
import type {
  EngineEffect,
  EngineInput,
  EngineOption,
  EngineState,
} from '../../../../src/recovery/engine/contract.js'
import { createEngine, step } from '../../../../src/recovery/engine/step.js'
import type { OpenIncident } from '../../../../src/recovery/incident.js'

/** A picture that cannot be decoded, the path's fault. */
export function anIncident(facts: Partial<OpenIncident> = {}): OpenIncident {
  return {
    id: 'i1',
    kind: 'codec-failure',
    provider: 'east',
    severity: 'high',
    blame: 'path',
    culprit: 'path',
    confidence: 0.8,
    evidence: ['nothing-decoded'],
    about: { type: 'peer', id: 'bob', media: 'video' },
    alerts: [1],
    value: null,
    sinceMs: 0,
    ...facts,
  }
}

/** A repair of one track. */
export function anOption(facts: Partial<EngineOption> = {}): EngineOption {
  return {
    strategy: 'key-frame',
    reach: 'track',
    timeoutMs: 1500,
    isOncePerIncident: false,
    hasUndo: false,
    isDisruptive: false,
    ...facts,
  }
}

type Untimed = EngineInput extends infer One ? (One extends EngineInput ? Omit<One, 'now'> : never) : never

/** An engine whose asks are answered with the same options each time. */
export function rig(options = [anOption(), anOption({ strategy: 'rebuild-receive', timeoutMs: 5000 })]) {
  const made = {
    state: createEngine() as EngineState,
    now: 0,
    log: [] as EngineEffect[],
    chosen: null as string | null,
    options,
  }
  const give = (input: Untimed): void => {
    const { state, effects } = step(made.state, { ...input, now: made.now } as EngineInput)
    made.state = state
    for (const effect of effects) {
      made.log.push(effect)
      if (effect.type === 'ask')
        give({ type: 'answered', incidentId: effect.incident.id, options: made.options, chosen: made.chosen })
    }
  }
  const pass = (ms: number): void => {
    made.now += ms
    give({ type: 'tick', isOnline: made.state.isOnline, isBusy: made.state.isBusy })
  }
  const runs = (): string[] => made.log.flatMap((one) => (one.type === 'run' ? [one.option.strategy] : []))
  const lastRun = (): string => made.log.flatMap((one) => (one.type === 'run' ? [one.runId] : [])).at(-1) ?? ''
  const nothing = (): string[] => made.log.flatMap((one) => (one.type === 'nothing' ? [one.why] : []))
  const over = (): string[] => made.log.flatMap((one) => (one.type === 'over' ? [one.state] : []))
  const end = (outcome: 'succeeded' | 'failed', retryAfterMs: number | null = 0): void =>
    give({ type: 'ended', runId: lastRun(), outcome, retryAfterMs })
  return { made, give, pass, runs, nothing, over, end }
}
