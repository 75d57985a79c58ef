import { describe, expect, it } from 'vitest'
import { anIncident, anOption, rig } from './support.js'

describe('the recovery engine', () => {
  it('runs the first of the allowed where nothing was chosen, and what was chosen where something was', () => {
    const one = rig()
    one.give({ type: 'raised', incident: anIncident() })
    expect(one.runs()).toEqual(['key-frame'])
    const other = rig()
    other.made.chosen = 'rebuild-receive'
    other.give({ type: 'raised', incident: anIncident() })
    expect(other.runs()).toEqual(['rebuild-receive'])
  })

  it('P59 tries another strategy after one that failed, and gives up cleanly when the policy says so', () => {
    const { made, give, end, runs, over } = rig()
    made.chosen = 'key-frame'
    give({ type: 'raised', incident: anIncident() })
    end('failed')
    expect(runs()).toEqual(['key-frame', 'rebuild-receive'])
    end('failed', null)
    expect(over()).toEqual(['failed'])
    give({ type: 'changed', incident: anIncident() })
    expect(runs()).toHaveLength(2)
    give({ type: 'changed', incident: anIncident({ severity: 'critical' }) })
    expect(runs()).toHaveLength(3)
  })

  it('P38 is over as succeeded once the detectors see it too; what they still see goes on', () => {
    const { give, pass, end, runs, over } = rig()
    give({ type: 'raised', incident: anIncident() })
    end('succeeded')
    expect(over()).toEqual([])
    pass(6000)
    expect(runs()).toEqual(['key-frame', 'rebuild-receive'])
    end('succeeded')
    give({ type: 'cleared', incidentId: 'i1' })
    expect(over()).toEqual(['succeeded'])
  })

  it('waiting ends when it gets worse, and may go on where nothing better can be done', () => {
    const waiting = anOption({ strategy: 'wait', reach: 'none', timeoutMs: 30_000, isOncePerIncident: true })
    const { give, pass, runs } = rig([anOption({ strategy: 'reconnect', isDisruptive: true }), waiting])
    give({ type: 'raised', incident: anIncident({ severity: 'low' }) })
    expect(runs()).toEqual(['wait'])
    pass(500)
    give({ type: 'changed', incident: anIncident({ severity: 'high' }) })
    expect(runs()).toEqual(['wait', 'reconnect'])
    const other = rig([waiting])
    other.give({ type: 'raised', incident: anIncident({ severity: 'low' }) })
    other.give({ type: 'changed', incident: anIncident({ severity: 'high' }) })
    expect(other.runs()).toEqual(['wait', 'wait'])
  })

  it('says that something went by itself', () => {
    const { give, nothing, over } = rig([])
    give({ type: 'raised', incident: anIncident() })
    expect(nothing()).toEqual(['no-option'])
    give({ type: 'cleared', incidentId: 'i1' })
    expect(nothing()).toEqual(['no-option', 'cleared'])
    expect(over()).toEqual(['cancelled'])
  })

  it('P59 ends a run that takes too long, by time online', () => {
    const { made, give, pass, runs } = rig()
    give({ type: 'raised', incident: anIncident() })
    pass(1000)
    give({ type: 'tick', isOnline: false, isBusy: false })
    pass(20_000)
    expect(runs()).toEqual(['key-frame'])
    give({ type: 'tick', isOnline: true, isBusy: false })
    pass(600)
    expect(made.log.filter((one) => one.type === 'stop')).toHaveLength(1)
    expect(runs()).toEqual(['key-frame', 'rebuild-receive'])
  })

  it('P56 takes back what a failed run changed', () => {
    const { made, give, end } = rig([anOption({ strategy: 'quality-down', reach: 'me', hasUndo: true })])
    give({ type: 'raised', incident: anIncident() })
    end('failed')
    expect(made.log.find((one) => one.type === 'undo')).toMatchObject({ strategy: 'quality-down' })
  })

  it('does not repair again what the repair loop has just repaired, while its alert is still there', () => {
    const { give, pass, runs } = rig([anOption({ strategy: 'reconnect', reach: 'connection' })])
    give({ type: 'tick', isOnline: true, isBusy: true })
    give({ type: 'raised', incident: anIncident({ kind: 'network-disconnect' }) })
    pass(6000)
    give({ type: 'tick', isOnline: true, isBusy: false })
    pass(2000)
    expect(runs()).toEqual([])
    pass(1500)
    expect(runs()).toEqual(['reconnect'])
  })

  it('does not receive anew, after a switch, whose media is back and whose alert is still there', () => {
    const { give, pass, runs } = rig([anOption({ strategy: 'rebuild-receive', isDisruptive: true })])
    give({ type: 'tick', isOnline: true, isBusy: true })
    give({ type: 'raised', incident: anIncident({ kind: 'timeout' }) })
    give({ type: 'raised', incident: anIncident({ id: 'dead', kind: 'timeout', provider: 'west' }) })
    pass(3000)
    give({ type: 'tick', isOnline: true, isBusy: false })
    pass(4900)
    expect(runs()).toEqual([])
    give({ type: 'cleared', incidentId: 'i1' })
    pass(200)
    // What stays is repaired as ever.
    expect(runs()).toEqual(['rebuild-receive'])
  })

  it('leaves to the repair loop what it has in hand, and takes over what it leaves for three seconds', () => {
    const { give, pass, runs, nothing } = rig([anOption({ strategy: 'reconnect', reach: 'connection' })])
    give({ type: 'raised', incident: anIncident({ kind: 'network-disconnect' }) })
    expect(nothing()).toEqual(['in-other-hands'])
    pass(3100)
    expect(runs()).toEqual(['reconnect'])
  })

  it('P53 stops everything at once in an emergency and goes on after it', () => {
    const { made, give, pass, runs, nothing } = rig()
    give({ type: 'raised', incident: anIncident() })
    give({ type: 'emergency', isOn: true })
    expect(made.log.filter((one) => one.type === 'stop')).toHaveLength(1)
    pass(1000)
    expect(nothing()).toEqual(['emergency'])
    expect(runs()).toHaveLength(1)
    give({ type: 'emergency', isOn: false })
    expect(runs()).toHaveLength(2)
  })

  it('P37 runs what somebody triggers also when automatic recovery is off, and nothing after it', () => {
    const { give, end, runs, nothing } = rig()
    give({ type: 'automatic', isOn: false })
    give({ type: 'raised', incident: anIncident() })
    expect(nothing()).toEqual(['automatic-off'])
    give({
      type: 'trigger',
      incident: anIncident(),
      strategy: 'rebuild-receive',
      kind: 'manual',
      mayMoveCall: false,
    })
    expect(runs()).toEqual(['rebuild-receive'])
    end('failed')
    expect(runs()).toEqual(['rebuild-receive'])
  })

  it('P35 what somebody asks for breaks off what runs by itself on the same track, which goes on afterwards', () => {
    const { made, give, end, pass, runs, over } = rig()
    give({ type: 'raised', incident: anIncident() })
    const asked = anIncident({ id: 'm1', kind: 'sync-loss' })
    const ask = { type: 'trigger', kind: 'manual', mayMoveCall: false } as const
    give({ ...ask, incident: asked, strategy: 'rebuild-receive' })
    expect(made.log.filter((one) => one.type === 'stop')).toHaveLength(1)
    expect(runs()).toEqual(['key-frame', 'rebuild-receive'])
    end('succeeded')
    expect(over()).toEqual(['succeeded'])
    pass(300)
    expect(runs()).toEqual(['key-frame', 'rebuild-receive', 'key-frame'])
  })

  it('P35 two people who ask for the same track get their turn one after the other', () => {
    const { give, end, pass, runs } = rig()
    const ask = { type: 'trigger', kind: 'manual', mayMoveCall: false, strategy: 'rebuild-receive' } as const
    give({ ...ask, incident: anIncident({ id: 'm1' }) })
    give({ ...ask, incident: anIncident({ id: 'm2', kind: 'sync-loss' }) })
    expect(runs()).toHaveLength(1)
    end('succeeded')
    pass(300)
    expect(runs()).toHaveLength(2)
  })

  it('P35 another way than the one that runs by itself is taken at once, the same way not twice', () => {
    const { give, runs } = rig()
    give({ type: 'raised', incident: anIncident() })
    const ask = { type: 'trigger', kind: 'manual', mayMoveCall: false, incident: anIncident() } as const
    give({ ...ask, strategy: 'key-frame' })
    expect(runs()).toEqual(['key-frame'])
    give({ ...ask, strategy: 'rebuild-receive' })
    expect(runs()).toEqual(['key-frame', 'rebuild-receive'])
  })

  it('moves the call for a provider and for those who may, and for nobody else', () => {
    const options = [anOption({ strategy: 'switch-provider', reach: 'call' })]
    const { give, runs, nothing } = rig(options)
    give({ type: 'raised', incident: anIncident() })
    expect(nothing()).toEqual(['no-option'])
    give({
      type: 'trigger',
      incident: anIncident({ id: 'i1' }),
      strategy: 'switch-provider',
      kind: 'manual',
      mayMoveCall: false,
    })
    expect(nothing()).toEqual(['no-option', 'forbidden'])
    give({
      type: 'trigger',
      incident: anIncident({ id: 'i1' }),
      strategy: 'switch-provider',
      kind: 'manual',
      mayMoveCall: true,
    })
    expect(runs()).toEqual(['switch-provider'])
  })

  it('repairs two tracks side by side, but not one connection in two ways', () => {
    const { give, runs, nothing } = rig([anOption({ strategy: 'reconnect', reach: 'connection' })])
    give({ type: 'raised', incident: anIncident() })
    give({
      type: 'raised',
      incident: anIncident({ id: 'i2', about: { type: 'peer', id: 'cy', media: 'video' } }),
    })
    expect(runs()).toEqual(['reconnect'])
    expect(nothing()).toEqual(['in-other-hands'])
    const other = rig([anOption()])
    other.give({ type: 'raised', incident: anIncident() })
    other.give({
      type: 'raised',
      incident: anIncident({ id: 'i2', about: { type: 'peer', id: 'cy', media: 'video' } }),
    })
    expect(other.runs()).toEqual(['key-frame', 'key-frame'])
  })

  it('begins anew on another network', () => {
    const { give, end, runs } = rig([anOption({ strategy: 'ice-restart', isOncePerIncident: true })])
    give({ type: 'raised', incident: anIncident() })
    end('failed')
    expect(runs()).toEqual(['ice-restart'])
    give({ type: 'network-changed' })
    expect(runs()).toEqual(['ice-restart', 'ice-restart'])
  })

  it('P54 has a device again that is plugged in while a person is asked for it, and not once that was given up', () => {
    const reacquire = anOption({ strategy: 'reacquire-device', isOncePerIncident: true })
    const ask = anOption({ strategy: 'ask-user', reach: 'none', isOncePerIncident: true, timeoutMs: 60_000 })
    const about = { type: 'me', id: '', media: 'video' } as const
    const lost = anIncident({ kind: 'device-failure', about })
    const { give, end, pass, runs, over } = rig([reacquire, ask])
    give({ type: 'raised', incident: lost })
    end('failed')
    expect(runs()).toEqual(['reacquire-device', 'ask-user'])
    give({ type: 'device-plugged' })
    expect(runs()).toEqual(['reacquire-device', 'ask-user', 'reacquire-device'])
    // While it is being had, another device says nothing.
    give({ type: 'device-plugged' })
    expect(runs()).toHaveLength(3)
    end('failed')
    pass(61_000)
    expect(over()).toEqual(['failed'])
    give({ type: 'device-plugged' })
    pass(1_000)
    expect(runs()).toHaveLength(4)
    const other = rig([anOption({ strategy: 'ice-restart', isOncePerIncident: true })])
    other.give({ type: 'raised', incident: anIncident() })
    other.end('failed')
    other.give({ type: 'device-plugged' })
    expect(other.runs()).toEqual(['ice-restart'])
  })

  it('P59 gives up what was not repaired within its budget', () => {
    const { give, pass, end, nothing, over } = rig()
    give({ type: 'raised', incident: anIncident() })
    end('failed', 59_000)
    pass(61_000)
    expect(nothing()).toEqual(['budget-spent'])
    expect(over()).toEqual(['failed'])
  })
})
