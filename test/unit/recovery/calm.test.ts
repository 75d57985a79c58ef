/** Repairs that would be worse than the trouble are held back. */
import { describe, expect, it } from 'vitest'
import { heldForCalm, isDisruptive } from '../../../src/recovery/calm.js'
import type { OpenIncident } from '../../../src/recovery/incident.js'
import { STRATEGIES } from '../../../src/recovery/strategy-specs.js'
import { anIncident } from './engine/support.js'

const free = (incident: Partial<OpenIncident>, failed: readonly string[] = []): readonly string[] => {
  const of = anIncident(incident)
  const options = STRATEGIES.filter(({ handles }) => handles.includes(of.kind)).map((spec) => ({
    ...{ strategy: spec.id, reach: spec.reach, isDisruptive: isDisruptive(spec) },
  }))
  const held = heldForCalm(options, of, failed)
  return options.map(({ strategy }) => strategy).filter((id) => !held.has(id))
}

describe('calm', () => {
  it('a mild incident gets what people do not feel first, and what they do only after that has failed', () => {
    const damage = { kind: 'frame-corruption', severity: 'medium' } as const
    const gentle = STRATEGIES.filter((spec) => !isDisruptive(spec)).map(({ id }) => id)
    expect(free(damage)).toContain('key-frame')
    expect(free(damage)).not.toContain('rebuild-receive')
    expect(free(damage, gentle)).toContain('rebuild-receive')
    expect(free({ ...damage, severity: 'high' })).toContain('rebuild-receive')
  })

  it('where media flows all the time nothing that people feel is done for a measurement', () => {
    const all = STRATEGIES.map(({ id }) => id)
    for (const kind of ['sync-loss', 'packet-loss', 'buffer-overflow', 'quality-degradation'] as const)
      for (const id of free({ kind, severity: 'critical' }, all))
        expect(STRATEGIES.filter((spec) => spec.id === id && isDisruptive(spec))).toEqual([])
  })

  it('a low one never gets what people feel', () => {
    const all = STRATEGIES.map(({ id }) => id)
    for (const kind of new Set(STRATEGIES.flatMap(({ handles }) => handles)))
      for (const id of free({ kind, severity: 'low' }, all))
        expect(isDisruptive(STRATEGIES.find((spec) => spec.id === id) as (typeof STRATEGIES)[number])).toBe(
          false,
        )
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
