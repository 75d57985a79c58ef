import { describe, expect, it } from 'vitest'
import { type PlanInput, planConnections, RETIRE_AFTER_MS } from '../../../src/call/connection-plan.js'

const base: PlanInput = {
  now: 10_000,
  agreed: 'east',
  agreedAtMs: 9_000,
  candidates: [],
  firstChoice: 'east',
  standby: null,
  blocked: new Set(),
  entries: [],
  isShownToAll: false,
}
const entry = (id: string, provider: string, change: Partial<PlanInput['entries'][number]> = {}) => ({
  id,
  provider,
  state: 'connected' as const,
  isPublishing: true,
  isRepairing: false,
  ...change,
})

describe('connection plan', () => {
  it('connects to the first choice before anything is agreed', () => {
    expect(planConnections({ ...base, agreed: null })).toEqual([
      { type: 'open', provider: 'east', isPublishing: true },
    ])
  })

  it('connects to a candidate beside the agreed provider', () => {
    expect(planConnections({ ...base, candidates: ['west'], entries: [entry('1', 'east')] })).toEqual([
      { type: 'open', provider: 'west', isPublishing: true },
    ])
  })

  it('publishes on the standby that became a candidate', () => {
    const entries = [entry('1', 'east'), entry('2', 'west', { isPublishing: false })]
    expect(planConnections({ ...base, candidates: ['west'], entries })).toEqual([
      { type: 'set-publishing', entry: '2', isPublishing: true },
    ])
  })

  it('keeps the old provider until everybody flows on the new one', () => {
    const switched = { ...base, agreed: 'west', entries: [entry('1', 'east'), entry('2', 'west')] }
    expect(planConnections(switched)).toEqual([])
    expect(planConnections({ ...switched, isShownToAll: true })).toEqual([{ type: 'close', entry: '1' }])
  })

  it('leaves the old provider after five seconds even when somebody does not flow', () => {
    const input = { ...base, agreed: 'west', entries: [entry('1', 'east'), entry('2', 'west')] }
    expect(planConnections({ ...input, now: base.agreedAtMs + RETIRE_AFTER_MS })).toEqual([
      { type: 'close', entry: '1' },
    ])
  })

  it('keeps the old provider as a silent standby once everybody flows', () => {
    const input: PlanInput = {
      ...base,
      agreed: 'west',
      standby: { provider: 'east', want: 'silent' },
      entries: [entry('1', 'east'), entry('2', 'west')],
    }
    expect(planConnections(input)).toEqual([])
    expect(planConnections({ ...input, isShownToAll: true })).toEqual([
      { type: 'set-publishing', entry: '1', isPublishing: false },
    ])
  })

  it('closes a failed candidate and does not dial it again before its backoff is over', () => {
    const entries = [entry('1', 'east'), entry('2', 'west', { state: 'failed' })]
    const input = { ...base, candidates: ['west'], entries, blocked: new Set(['west']) }
    expect(planConnections(input)).toEqual([{ type: 'close', entry: '2' }])
  })

  it('never touches what a repair holds', () => {
    const entries = [
      entry('1', 'east', { isRepairing: true, state: 'failed' }),
      entry('2', 'east', { isRepairing: true, state: 'connecting' }),
    ]
    expect(planConnections({ ...base, entries })).toEqual([])
  })

  it('leaves the broken connection of the agreed provider to repair or switch', () => {
    expect(planConnections({ ...base, entries: [entry('1', 'east', { state: 'failed' })] })).toEqual([])
  })

  it('settles: carrying out a plan leaves nothing to plan', () => {
    const wanted: PlanInput = { ...base, candidates: ['west'], standby: { provider: 'mesh', want: 'silent' } }
    const opened = planConnections(wanted).flatMap((action, index) =>
      action.type === 'open'
        ? [entry(String(index), action.provider, { isPublishing: action.isPublishing, state: 'connecting' })]
        : [],
    )
    expect(opened.map((one) => one.provider).sort()).toEqual(['east', 'mesh', 'west'])
    expect(planConnections({ ...wanted, entries: opened })).toEqual([])
  })
})
