/** Repairs that would be worse than the trouble are held back. */
import { describe, expect, it } from 'vitest'
import { heldForCalm, isDisruptive } from '../../../src/recovery/calm.js'
import type { OpenIncident } from '../../../src/recovery/incident.js'
import type { Abilities, StrategySpec } from '../../../src/recovery/strategy.js'
import { STRATEGIES } from '../../../src/recovery/strategy-specs.js'
import { anIncident } from './engine/support.js'

const can = (resubscribesBeside: boolean): Abilities => ({ resubscribesBeside }) as Abilities
const isFelt = (spec: StrategySpec, value: number | null = 5_000, isBeside = false): boolean =>
  isDisruptive(spec, { can: can(isBeside), value })

const free = (
  incident: Partial<OpenIncident>,
  failed: readonly string[] = [],
  isBeside = false,
): readonly string[] => {
  const of = anIncident(incident)
  const options = STRATEGIES.filter(({ handles }) => handles.includes(of.kind)).map((spec) => ({
    ...{ strategy: spec.id, reach: spec.reach, isDisruptive: isFelt(spec, of.value, isBeside) },
  }))
  const held = heldForCalm(options, of, failed)
  return options.map(({ strategy }) => strategy).filter((id) => !held.has(id))
}

describe('calm', () => {
  it('a mild incident gets what people do not feel first, and what they do only after that has failed', () => {
    const damage = { kind: 'frame-corruption', severity: 'medium' } as const
    const gentle = STRATEGIES.filter((spec) => !isFelt(spec)).map(({ id }) => id)
    expect(free(damage)).toContain('key-frame')
    expect(free(damage)).not.toContain('rebuild-receive')
    expect(free(damage, gentle)).toContain('rebuild-receive')
    expect(free({ ...damage, severity: 'high' })).toContain('rebuild-receive')
  })

  it('sound that is unbearably late is received anew, also where that is felt', () => {
    const late = { kind: 'buffer-overflow', severity: 'high' } as const
    expect(free({ ...late, value: 2_800 })).toContain('resync-full')
    expect(free({ ...late, value: 1_500 })).not.toContain('resync-full')
    expect(free({ ...late, value: 2_800, culprit: 'my-cpu' })).not.toContain('resync-full')
    expect(free({ kind: 'sync-loss', severity: 'high', value: 2_800 })).not.toContain('resync-full')
  })

  it('where media flows all the time nothing that people feel is done for a measurement', () => {
    const all = STRATEGIES.map(({ id }) => id)
    for (const kind of ['sync-loss', 'packet-loss', 'buffer-overflow', 'quality-degradation'] as const)
      for (const id of free({ kind, severity: 'critical' }, all))
        expect(STRATEGIES.filter((spec) => spec.id === id && isFelt(spec))).toEqual([])
  })

  it('what is a second late is received anew by itself where it goes on until its successor is there', () => {
    for (const kind of ['sync-loss', 'buffer-overflow'] as const) {
      const late = { kind, severity: 'high', value: 1_700 } as const
      expect(free(late, [], true)).toContain('resync-full')
      expect(free(late, [], false)).not.toContain('resync-full')
      expect(free({ ...late, value: 900 }, [], true)).not.toContain('resync-full')
      expect(free({ ...late, culprit: 'my-cpu' }, [], true)).not.toContain('resync-full')
    }
  })

  it('a low one never gets what people feel', () => {
    const all = STRATEGIES.map(({ id }) => id)
    for (const kind of new Set(STRATEGIES.flatMap(({ handles }) => handles)))
      for (const id of free({ kind, severity: 'low' }, all))
        expect(isFelt(STRATEGIES.find((spec) => spec.id === id) as StrategySpec)).toBe(false)
  })

  it('a busy machine gets nothing that takes more of its time', () => {
    const busy = { culprit: 'my-cpu', severity: 'critical' } as const
    expect(free({ ...busy, kind: 'buffer-overflow' })).toEqual(['quality-down', 'wait'])
    expect(free({ ...busy, kind: 'timeout' })).toEqual(['key-frame', 'wait'])
    expect(free({ ...busy, kind: 'resource-exhaustion' })).toEqual([
      ...['quality-down', 'audio-only', 'wait', 'ask-user'],
    ])
  })
})
