import { describe, expect, it } from 'vitest'
import {
  newWorkflow,
  stepWorkflow,
  type WorkflowEffect,
  type WorkflowInput,
  type WorkflowSpec,
  type WorkflowState,
} from '../../../src/recovery/workflow.js'
import { WORKFLOWS, wantedWorkflows } from '../../../src/recovery/workflow-specs.js'

const SPEC: WorkflowSpec = {
  id: 'example',
  steps: [
    { id: 'first', hasUndo: true, timeoutMs: 10 },
    { id: 'maybe', isOptional: true, timeoutMs: 10 },
    { id: 'instead', isFallback: true, hasUndo: true, timeoutMs: 10 },
    { id: 'last', timeoutMs: 10 },
  ],
}

/** Plays a workflow whose steps go as told: `run first`, `undo first`, ..., and how it ended. */
function play(goes: Readonly<Record<string, 'fails' | 'enough' | 'cancel'>>, spec = SPEC) {
  let state: WorkflowState = newWorkflow(spec, 'automatic')
  const log: string[] = []
  let now = 0
  const tell = (input: WorkflowInput): void => {
    const stepped = stepWorkflow(state, input)
    state = stepped.state
    now += 5
    const next = answerTo(stepped.effect)
    if (next !== null) tell(next)
  }
  const answerTo = (effect: WorkflowEffect | null): WorkflowInput | null => {
    if (effect === null || effect.type === 'over') return null
    if (effect.type === 'abort') return { type: 'step-ended', isOk: false, now }
    log.push(`${effect.type} ${effect.step.id}`)
    const how = goes[effect.step.id]
    if (effect.type === 'undo') return { type: 'undo-ended', isOk: how !== 'fails', now }
    if (how === 'cancel') return { type: 'cancel', now }
    return { type: 'step-ended', isOk: how !== 'fails', isEnough: how === 'enough', now }
  }
  tell({ type: 'start', now })
  return { log, state }
}

describe('workflows', () => {
  it('P33 runs its steps in order, and a fallback only where it is needed', () => {
    const { log, state } = play({})
    expect(log).toEqual(['run first', 'run maybe', 'run last'])
    expect(state).toMatchObject({ state: 'succeeded', outcomes: { instead: 'skipped' }, endedAtMs: 15 })
  })

  it('P33 an optional step may fail; then its fallback runs', () => {
    const { log, state } = play({ maybe: 'fails' })
    expect(log).toEqual(['run first', 'run maybe', 'run instead', 'run last'])
    expect(state.state).toBe('succeeded')
  })

  it('P33 a step that has to work and does not: what was done is taken back, the latest first', () => {
    const { log, state } = play({ maybe: 'fails', last: 'fails' })
    expect(log.slice(3)).toEqual(['run last', 'undo instead', 'undo first'])
    expect(state).toMatchObject({ state: 'failed', outcomes: { first: 'undone', last: 'failed' } })
  })

  it('P33 an undo that fails is told and does not stop the others', () => {
    const spec = { ...SPEC, steps: SPEC.steps.map((step) => ({ ...step, hasUndo: true, isFallback: false })) }
    const { log, state } = play({ last: 'fails', instead: 'enough' }, spec)
    expect(state.state).toBe('succeeded')
    expect(log).toHaveLength(3)
    const failed = play({ last: 'fails' }, spec)
    expect(failed.log.slice(-3)).toEqual(['undo instead', 'undo maybe', 'undo first'])
  })

  it('P33 cancelled: the step is broken off and what was done is taken back', () => {
    const { log, state } = play({ last: 'cancel' })
    expect(log.slice(2)).toEqual(['run last', 'undo first'])
    expect(state.state).toBe('cancelled')
  })

  it('P33 what comes late or twice changes nothing', () => {
    const { state } = play({})
    for (const input of [
      { type: 'start', now: 99 },
      { type: 'step-ended', isOk: false, now: 99 },
      { type: 'cancel', now: 99 },
    ] as const)
      expect(stepWorkflow(state, input)).toEqual({ state, effect: null })
    expect(stepWorkflow(newWorkflow(SPEC, 'manual'), { type: 'cancel', now: 1 }).state.state).toBe('cancelled')
  })

  it('P33 the workflows of the browser: a database that cannot be opened goes on in memory', () => {
    expect(play({}, WORKFLOWS.storage).log).toEqual(['run reopen', 'run check', 'run migrate'])
    const broken = play({ reopen: 'fails', check: 'fails', migrate: 'fails' }, WORKFLOWS.storage)
    expect(broken.log.at(-1)).toBe('run memory')
    expect(broken.state.state).toBe('succeeded')
  })

  it('P33 the workflows of the browser: a cache that cannot be rebuilt is put back as it was', () => {
    expect(play({ rebuild: 'fails' }, WORKFLOWS.cache).log.at(-1)).toBe('undo set-aside')
  })

  it('P33 the workflows of the browser: slowing down is taken back when waiting was broken off', () => {
    expect(play({ wait: 'cancel' }, WORKFLOWS['rate-limit']).log).toEqual([
      'run slow-down',
      'run hold',
      'run wait',
      'undo hold',
      'undo slow-down',
    ])
  })

  it('P36 each fact asks for the right workflow, and no provider for two', () => {
    const refusal = (code: string, retryAfterMs: number | null = null) => ({
      provider: 'west',
      code,
      retryAfterMs,
    })
    const idsOf = (...refused: ReturnType<typeof refusal>[]) =>
      wantedWorkflows({ refused, isStoreLost: false, corruptRows: 0 }).map(({ id }) => id)
    expect(idsOf(refusal('provider-server'))).toEqual(['provider-api'])
    expect(idsOf(refusal('provider-server', 3000))).toEqual(['rate-limit'])
    expect(idsOf(refusal('provider-full'))).toEqual(['rate-limit'])
    expect(idsOf(refusal('provider-token-expired'))).toEqual(['token-endpoint'])
    expect(idsOf(refusal('provider-unsupported'))).toEqual([])
    expect(idsOf(refusal('provider-network'), refusal('provider-auth'))).toEqual(['token-endpoint'])
    expect(wantedWorkflows({ refused: [], isStoreLost: true, corruptRows: 2 })).toEqual([
      { id: 'storage', subject: '' },
      { id: 'cache', subject: '' },
    ])
  })
})
