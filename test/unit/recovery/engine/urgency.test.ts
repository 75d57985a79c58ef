/** Which of two troubles is repaired first where only one can be. */
import { describe, expect, it } from 'vitest'
import type { OpenIncident } from '../../../../src/recovery/incident.js'
import { anIncident, anOption, rig } from './support.js'

describe('of two troubles the recovery engine', () => {
  it('stretches no longer what has drifted too far for it', () => {
    const medium = anOption({
      strategy: 'resync-medium',
      timeoutMs: 12_000,
      isOncePerIncident: true,
      hasUndo: true,
    })
    const full = anOption({ strategy: 'resync-full', timeoutMs: 14_000, isOncePerIncident: true })
    const drift = anIncident({ kind: 'sync-loss', severity: 'medium', value: 700 })
    const { give, pass, runs, made } = rig([medium, full])
    give({ type: 'raised', incident: { ...drift, severity: 'low', value: 400 } })
    pass(6_000)
    give({ type: 'changed', incident: drift })
    expect(runs()).toEqual(['resync-medium'])
    give({ type: 'changed', incident: { ...drift, severity: 'high', value: 1_100 } })
    expect(runs()).toEqual(['resync-medium', 'resync-full'])
    expect(made.log.flatMap((one) => (one.type === 'undo' ? [one.strategy] : []))).toEqual(['resync-medium'])
  })

  it('lets a long buffer go before the loss and the drift of the same person that make it longer', () => {
    const medium = anOption({
      strategy: 'resync-medium',
      timeoutMs: 12_000,
      isOncePerIncident: true,
      hasUndo: true,
    })
    const kinds = ['sync-loss', 'packet-loss'] as const
    const begunBeside = (kind: 'sync-loss' | 'packet-loss', severity: 'low' | 'medium'): string[] => {
      const { give, pass, made } = rig([medium])
      give({ type: 'raised', incident: anIncident({ id: 'other', kind, severity: 'medium' }) })
      pass(3_100)
      // Drifts are told of the picture, and the buffer that is long is mostly the sound's.
      const about = { type: 'peer', id: 'bob', media: 'audio' } as const
      give({ type: 'raised', incident: anIncident({ id: 'buffer', kind: 'buffer-overflow', severity, about }) })
      pass(3_100)
      return made.log.flatMap((one) => (one.type === 'run' ? [one.incident.id] : []))
    }
    for (const kind of kinds) expect(begunBeside(kind, 'medium')).toEqual(['other', 'buffer'])
    for (const kind of kinds) expect(begunBeside(kind, 'low')).toEqual(['other'])
  })

  it('finds a place for a picture that stands among repairs of media that flows', () => {
    const trim = anOption({ strategy: 'resync-medium', timeoutMs: 12_000, hasUndo: true })
    const lossOf = (id: string): OpenIncident =>
      anIncident({ id, kind: 'packet-loss', about: { type: 'peer', id, media: 'audio' } })
    const { give, made } = rig([trim])
    for (const id of ['ana', 'bob', 'cleo', 'dan']) give({ type: 'raised', incident: lossOf(id) })
    made.options = [anOption({ strategy: 'rebuild-receive', isDisruptive: true })]
    const about = { type: 'peer', id: 'eve', media: 'video' } as const
    give({ type: 'raised', incident: anIncident({ id: 'stall', about }) })
    const running = [...made.state.recoveries.values()].flatMap(({ run, incident }) =>
      run ? [incident.id] : [],
    )
    expect(running).toEqual(['bob', 'cleo', 'stall'])
  })

  it('leaves every place to those who have one while only waiting would come of it', () => {
    const { give, made } = rig([anOption({ strategy: 'resync-medium', timeoutMs: 12_000, hasUndo: true })])
    for (const id of ['ana', 'bob', 'cleo'])
      give({
        type: 'raised',
        incident: anIncident({ id, kind: 'packet-loss', about: { type: 'peer', id, media: 'audio' } }),
      })
    made.options = [anOption({ strategy: 'wait', reach: 'none', timeoutMs: 30_000 })]
    give({ type: 'raised', incident: anIncident({ id: 'stall' }) })
    expect(made.log.filter(({ type }) => type === 'stop')).toEqual([])
  })

  it('counts no run that had to give way, so that nothing harsher comes of it', () => {
    const smaller = anOption({ strategy: 'quality-down', timeoutMs: 12_000, hasUndo: true })
    const soundAlone = anOption({ strategy: 'audio-only', timeoutMs: 12_000, hasUndo: true })
    const { give, pass, runs, made } = rig([smaller, soundAlone])
    give({ type: 'raised', incident: anIncident({ id: 'loss', kind: 'packet-loss', severity: 'critical' }) })
    pass(3_100)
    for (const id of ['one', 'two']) {
      made.options = [anOption({ strategy: 'rebuild-receive' })]
      give({ type: 'raised', incident: anIncident({ id }) })
      made.options = [smaller, soundAlone]
      give({ type: 'cleared', incidentId: id })
      pass(6_000)
    }
    expect(runs().filter((one) => one !== 'rebuild-receive')).toEqual(Array(3).fill('quality-down'))
  })

  it('breaks nothing off that is felt already for what is graver', () => {
    const anew = anOption({ strategy: 'resync-full', timeoutMs: 14_000, isDisruptive: true })
    const { give, pass, made } = rig([anew])
    give({ type: 'raised', incident: anIncident({ id: 'one', kind: 'buffer-overflow' }) })
    const begun = (): string[] => made.log.flatMap((one) => (one.type === 'run' ? [one.incident.id] : []))
    const first = begun()
    give({ type: 'raised', incident: anIncident({ id: 'two', kind: 'sync-loss', severity: 'critical' }) })
    pass(500)
    expect(begun()).toEqual(first)
  })
})
