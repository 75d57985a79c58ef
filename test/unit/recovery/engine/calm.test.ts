/** The engine keeps calm: patience, few tries, one repair for one trouble, and nobody's call moves by the way. */
import { describe, expect, it } from 'vitest'
import type { OpenIncident } from '../../../../src/recovery/incident.js'
import { anIncident, anOption, rig } from './support.js'

const BOBS_SOUND = { type: 'peer', id: 'bob', media: 'audio' } as const

describe('the recovery engine keeps calm and', () => {
  it('waits a moment with mild trouble, and longer before what people feel', () => {
    const mild = anIncident({ kind: 'packet-loss', severity: 'medium' })
    const gentle = rig([anOption({ strategy: 'resync-medium' })])
    gentle.give({ type: 'raised', incident: mild })
    expect(gentle.nothing()).toEqual(['may-pass'])
    gentle.pass(2500)
    expect(gentle.runs()).toEqual([])
    gentle.pass(600)
    expect(gentle.runs()).toEqual(['resync-medium'])
    const felt = rig([anOption({ strategy: 'relay-only', reach: 'connection', isDisruptive: true })])
    felt.give({ type: 'raised', incident: { ...mild, kind: 'timeout' } })
    felt.pass(7900)
    expect(felt.runs()).toEqual([])
    felt.pass(200)
    expect(felt.runs()).toEqual(['relay-only'])
  })

  it('does not wait with a broken picture that a key frame did not mend', () => {
    const rebuild = anOption({ strategy: 'rebuild-receive', isOncePerIncident: true, isDisruptive: true })
    const { give, end, runs } = rig([anOption({ isOncePerIncident: true }), rebuild])
    give({ type: 'raised', incident: anIncident({ kind: 'frame-corruption', severity: 'medium' }) })
    end('failed')
    expect(runs()).toEqual(['key-frame', 'rebuild-receive'])
  })

  it('waits no longer for a key frame when the picture gets worse', () => {
    const rebuild = anOption({ strategy: 'rebuild-receive', isOncePerIncident: true, isDisruptive: true })
    const { give, runs, made } = rig([anOption({ isOncePerIncident: true }), rebuild])
    give({ type: 'raised', incident: anIncident({ severity: 'low' }) })
    expect(runs()).toEqual(['key-frame'])
    give({ type: 'changed', incident: anIncident({ severity: 'high' }) })
    expect(runs()).toEqual(['key-frame', 'rebuild-receive'])
    expect(made.log.filter(({ type }) => type === 'stop')).toHaveLength(1)
  })

  it('lets a broken picture go before a drift of the same person, which goes on afterwards', () => {
    const resync = anOption({ strategy: 'resync-medium', timeoutMs: 12_000, hasUndo: true })
    const waiting = anOption({ strategy: 'wait', reach: 'none', timeoutMs: 30_000, isOncePerIncident: true })
    const { give, pass, end, runs, made } = rig([resync, waiting])
    give({ type: 'raised', incident: anIncident({ id: 'drift', kind: 'sync-loss', severity: 'high' }) })
    made.options = [anOption({ strategy: 'rebuild-receive', isDisruptive: true }), waiting]
    give({ type: 'raised', incident: anIncident({ id: 'stall' }) })
    expect(runs()).toEqual(['resync-medium', 'rebuild-receive'])
    expect(made.log.flatMap((one) => (one.type === 'undo' ? [one.strategy] : []))).toEqual(['resync-medium'])
    end('succeeded')
    give({ type: 'cleared', incidentId: 'stall' })
    made.options = [resync, waiting]
    pass(300)
    expect(runs()).toEqual(['resync-medium', 'rebuild-receive', 'resync-medium'])
  })

  it('does not begin to wait while what helps is only in other hands', () => {
    const rebuild = anOption({ strategy: 'rebuild-receive', isDisruptive: true })
    const waiting = anOption({ strategy: 'wait', reach: 'none', timeoutMs: 30_000, isOncePerIncident: true })
    const { give, pass, end, runs, nothing } = rig([rebuild, waiting])
    give({ type: 'raised', incident: anIncident({ id: 'one', kind: 'frame-corruption' }) })
    give({ type: 'raised', incident: anIncident({ id: 'other', kind: 'timeout' }) })
    expect(runs()).toEqual(['rebuild-receive'])
    expect(nothing()).toEqual(['in-other-hands'])
    end('failed', null)
    pass(300)
    expect(runs()).toEqual(['rebuild-receive', 'rebuild-receive'])
  })

  it('does nothing for mild trouble that goes by itself, and acts at once where it becomes grave', () => {
    const mild = anIncident({ kind: 'packet-loss', severity: 'medium' })
    const one = rig()
    one.give({ type: 'raised', incident: mild })
    one.pass(2000)
    one.give({ type: 'cleared', incidentId: 'i1' })
    one.pass(20_000)
    expect(one.runs()).toEqual([])
    const other = rig()
    other.give({ type: 'raised', incident: mild })
    other.give({ type: 'changed', incident: { ...mild, severity: 'high' } })
    expect(other.runs()).toEqual(['key-frame'])
  })

  it('tries nothing more than twice for one incident, also when it comes and goes', () => {
    const { made, give, pass, end, runs } = rig([
      anOption(),
      anOption({ strategy: 'resync-full', isOncePerIncident: true, isDisruptive: true }),
    ])
    for (let times = 0; times < 5; times += 1) {
      const id = `i${times}`
      give({ type: 'raised', incident: anIncident({ id }) })
      for (let tries = 0; tries < 4 && made.state.recoveries.get(id)?.run; tries += 1) end('failed')
      give({ type: 'cleared', incidentId: id })
      pass(15_000)
    }
    expect(runs().toSorted()).toEqual(['key-frame', 'key-frame', 'resync-full'])
    pass(31_000)
    give({ type: 'raised', incident: anIncident({ id: 'later' }) })
    expect(runs()).toHaveLength(4)
  })

  it('does again what worked by frames, before it waits, when the trouble comes back soon', () => {
    const reconnect = anOption({ strategy: 'reconnect', reach: 'connection', timeoutMs: 8_000 })
    const waiting = anOption({ strategy: 'wait', reach: 'none', timeoutMs: 30_000 })
    const { give, pass, end, runs } = rig([reconnect, waiting])
    for (const id of ['i1', 'i2', 'i3']) {
      give({ type: 'raised', incident: anIncident({ id, kind: 'timeout', severity: 'high' }) })
      pass(1_000)
      end('succeeded')
      pass(1_500)
      give({ type: 'cleared', incidentId: id })
      pass(7_000)
    }
    // Nothing runs more than twice: the third time there is only waiting.
    expect(runs()).toEqual(['reconnect', 'reconnect', 'wait'])
  })

  it('is there again for what it gave up once and what was over then', () => {
    const { made, give, end, pass, runs, over } = rig([anOption()])
    give({ type: 'raised', incident: anIncident() })
    end('failed', null)
    expect(over()).toEqual(['failed'])
    give({ type: 'cleared', incidentId: 'i1' })
    expect(made.state.recoveries.size).toBe(0)
    pass(60_000)
    give({ type: 'raised', incident: anIncident({ id: 'i2' }) })
    expect(runs()).toHaveLength(2)
  })

  it('leaves symptoms to the repair of their cause, but not for good', () => {
    const causes = [
      anIncident({ id: 'cause', kind: 'stale-peer', about: { type: 'peer', id: 'bob', media: null } }),
      anIncident({
        id: 'cause',
        kind: 'network-disconnect',
        about: { type: 'connection', id: 'c1', media: null },
      }),
    ]
    for (const cause of causes) {
      const { give, pass, made, nothing } = rig([anOption({ strategy: 'rebuild-receive' })])
      const ran = (): boolean => made.log.some((one) => one.type === 'run' && one.incident.id === 'i1')
      give({ type: 'raised', incident: cause })
      give({ type: 'raised', incident: anIncident({ kind: 'timeout' }) })
      expect(nothing()).toContain('symptom')
      pass(7000)
      expect(ran()).toBe(false)
      give({ type: 'cleared', incidentId: 'cause' })
      pass(3000)
      pass(1)
      expect(ran()).toBe(true)
    }
    const stays = rig([anOption({ strategy: 'rebuild-receive', timeoutMs: 5000 })])
    stays.give({ type: 'raised', incident: causes[1] as OpenIncident })
    stays.give({ type: 'raised', incident: anIncident({ kind: 'timeout', about: BOBS_SOUND }) })
    stays.pass(15_100)
    expect(stays.made.log.filter((one) => one.type === 'run').map((one) => one.incident.id)).toContain('i1')
  })

  it('drains nothing while the page itself is late, however mildly and for however long', () => {
    const { give, pass, runs, nothing } = rig([anOption({ strategy: 'resync-medium' })])
    const about = { type: 'me', id: '', media: null } as const
    const busy = { kind: 'resource-exhaustion', culprit: 'my-cpu', severity: 'low', about } as const
    give({ type: 'raised', incident: anIncident({ ...busy, id: 'late' }) })
    give({ type: 'raised', incident: anIncident({ kind: 'buffer-overflow' }) })
    give({ type: 'raised', incident: anIncident({ id: 'loss', kind: 'packet-loss', about: BOBS_SOUND }) })
    expect(runs()).toHaveLength(1)
    pass(40_000)
    expect(runs()).toHaveLength(2)
    expect(nothing()).toContain('symptom')
    give({ type: 'cleared', incidentId: 'late' })
    pass(1)
    expect(runs()).toHaveLength(3)
  })

  it('receives a participant anew once, however many signs of one broken receiver there are', () => {
    const rebuild = anOption({ strategy: 'rebuild-receive', isOncePerIncident: true, isDisruptive: true })
    const { give, end, runs } = rig([
      rebuild,
      anOption({ strategy: 'reconnect', reach: 'connection', isDisruptive: true }),
    ])
    give({ type: 'raised', incident: anIncident() })
    end('failed')
    expect(runs()).toEqual(['rebuild-receive', 'reconnect'])
    end('failed', 5000)
    give({ type: 'raised', incident: anIncident({ id: 'i2', kind: 'timeout' }) })
    expect(runs()).toEqual(['rebuild-receive', 'reconnect', 'reconnect'])
  })

  it('asks a person once for one device, whoever carries the call and however often it is seen anew', () => {
    const { give, end, pass, runs } = rig([
      anOption({ strategy: 'ask-user', reach: 'none', isOncePerIncident: true }),
    ])
    const lost = { kind: 'device-failure', about: { type: 'me', id: '', media: 'audio' } } as const
    give({ type: 'raised', incident: anIncident(lost) })
    give({ type: 'raised', incident: anIncident({ ...lost, id: 'i2', provider: 'west' }) })
    end('failed')
    pass(20_000)
    give({ type: 'cleared', incidentId: 'i1' })
    pass(5000)
    give({ type: 'raised', incident: anIncident({ ...lost, id: 'i3' }) })
    pass(5000)
    expect(runs()).toEqual(['ask-user'])
  })

  it('moves the call once for somebody who asked for it, and not again when the trouble stays or the network changes', () => {
    const { made, give, end, pass, runs } = rig([])
    const move = anOption({ strategy: 'switch-provider', reach: 'call', isDisruptive: true })
    const asked = { type: 'trigger', strategy: 'switch-provider', kind: 'manual', mayMoveCall: true } as const
    give({ type: 'raised', incident: anIncident() })
    give({ ...asked, incident: anIncident() })
    made.options = [move]
    give({ type: 'network-changed' })
    pass(10_000)
    expect(runs()).toEqual([])
    give({ ...asked, incident: anIncident() })
    expect(runs()).toEqual(['switch-provider'])
    end('succeeded')
    pass(10_000)
    give({ type: 'network-changed' })
    pass(10_000)
    expect(runs()).toEqual(['switch-provider'])
  })

  it('moves the call in nobody’s name: an admin has to ask for just that', () => {
    const { give, runs } = rig([anOption({ strategy: 'switch-provider', reach: 'call', isDisruptive: true })])
    const asked = { type: 'trigger', strategy: null, kind: 'manual', mayMoveCall: true } as const
    give({ ...asked, incident: anIncident() })
    give({ ...asked, kind: 'emergency', incident: anIncident({ id: 'i2', kind: 'device-failure' }) })
    expect(runs()).toEqual([])
  })
})
