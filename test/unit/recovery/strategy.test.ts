/** Which strategies may run for which incident: reach, guards, order. */
import { describe, expect, it } from 'vitest'
import { THEIR_DEVICE } from '../../../src/health/alert.js'
import type { Incident, IncidentKind } from '../../../src/recovery/incident.js'
import { type Situation, STRATEGY_IDS, strategiesFor } from '../../../src/recovery/strategy.js'
import { assumedStrategy, STRATEGIES } from '../../../src/recovery/strategy-specs.js'

const ALL: Situation = {
  can: {
    ...{
      isConnected: true,
      isFlowing: true,
      keyFrame: true,
      iceRestart: true,
      resubscribe: true,
      resubscribesBeside: false,
      codecs: true,
    },
    ...{
      renewToken: true,
      relayOnly: true,
      jitterBuffer: true,
      isHeldBack: true,
      qualityStep: 0,
      qualitySteps: 5,
    },
    ...{ device: 'lost', controlPlane: true },
  },
  ...{ isOnline: true, isSwitching: false, isPathRepairing: false, next: 'west', mayMoveCall: false },
  ...{ value: null, tried: [] },
}

function incidentOf(kind: IncidentKind, facts: Partial<Incident> = {}): Incident {
  const about = { type: 'peer', id: 'bea', media: 'video' } as const
  return { kind, provider: 'east', severity: 'high', blame: 'path', evidence: [], about, ...facts }
}

function idsFor(incident: Incident, situation: Partial<Situation> = {}): readonly string[] {
  return strategiesFor(incident, { ...ALL, ...situation }, STRATEGIES).specs.map(({ id }) => id)
}

const KINDS = [...new Set(STRATEGIES.flatMap(({ handles }) => handles))]
const MINE = { about: { type: 'me', id: '', media: 'video' }, culprit: 'my-network' } as const

describe('strategies', () => {
  it('P56 every kind of incident has at least one strategy, also when nothing can be done', () => {
    expect(KINDS).toHaveLength(14)
    const nothing = { can: { ...ALL.can, device: 'needs-person' as const }, next: null }
    for (const kind of KINDS) expect(idsFor(incidentOf(kind), nothing).length).toBeGreaterThan(0)
  })

  it('P56 each says what it assumes, how long it may take and how far it reaches', () => {
    expect(STRATEGIES.map(({ id }) => id)).toEqual([...STRATEGY_IDS])
    for (const { id, assumed, timeoutMs } of STRATEGIES) {
      expect(assumedStrategy(id)).toEqual(assumed)
      expect(assumed.success > 0 && assumed.success < 1).toBe(true)
      expect(assumed.successMs).toBeLessThanOrEqual(timeoutMs)
    }
    expect(assumedStrategy('prayer')).toBeNull()
  })

  it('one person’s trouble never moves the call, whatever it is', () => {
    for (const kind of KINDS)
      for (const severity of ['low', 'critical'] as const)
        expect(idsFor(incidentOf(kind, { severity }))).not.toContain('switch-provider')
    const outage = incidentOf('provider-outage', { blame: 'provider' })
    expect(idsFor(outage, { mayMoveCall: true })[0]).toBe('switch-provider')
    expect(idsFor(outage, { mayMoveCall: true, next: null })).toEqual(['wait'])
  })

  it('P57 broken pictures: a key frame, then a new subscription, a new connection, another codec', () => {
    expect(idsFor(incidentOf('frame-corruption'))).toEqual([
      'key-frame',
      'rebuild-receive',
      'reconnect',
      'codec-change',
      'wait',
    ])
    expect(idsFor(incidentOf('frame-corruption'), { tried: ['key-frame'] })[0]).toBe('rebuild-receive')
  })

  it('P57 what asked for key frames in vain is received anew at once, where that can be done', () => {
    const stalled = incidentOf('codec-failure', { severity: 'high' })
    expect(idsFor(stalled)[0]).toBe('rebuild-receive')
    expect(idsFor({ ...stalled, severity: 'low' })[0]).toBe('key-frame')
    expect(idsFor(stalled, { can: { ...ALL.can, resubscribe: false } })[0]).toBe('key-frame')
  })

  it('P58 drift below 100 ms is nudged, below a second buffered, beyond it received anew', () => {
    const first = (value: number): string | undefined => idsFor(incidentOf('sync-loss'), { value })[0]
    expect([60, 99, 100, 999, 1_000, 5_000].map(first)).toEqual([
      ...['resync-gentle', 'resync-gentle', 'resync-medium', 'resync-medium'],
      ...['resync-full', 'resync-full'],
    ])
  })

  it('a buffer that nobody asked for, or that is long, is not shortened in vain, and received anew where it is long', () => {
    const late = incidentOf('buffer-overflow')
    expect(idsFor(late, { value: 1_700 })[0]).toBe('resync-medium')
    expect(idsFor(late, { value: 3_000 })[0]).toBe('resync-full')
    const can = { ...ALL.can, isHeldBack: false }
    expect(idsFor(late, { can, value: 3_000 })).toEqual(['resync-full', 'wait'])
    expect(idsFor(late, { can, value: 1_200 })).toEqual(['wait'])
  })

  it('P68 gradual: whatever is wrong, what disturbs fewer comes before what disturbs more', () => {
    const spread = { track: 0, me: 0, connection: 1, call: 2, none: 3 } as const
    const reachOf = (id: string) => STRATEGIES.find((spec) => spec.id === id)?.reach ?? 'none'
    for (const kind of KINDS)
      for (const facts of [{}, MINE, { blame: 'provider' }, { severity: 'critical' }] as const) {
        const ids = idsFor(incidentOf(kind, facts), { mayMoveCall: true })
        const steps = ids.map((id) => spread[reachOf(id)])
        expect(steps, `${kind}: ${ids.join(', ')}`).toEqual([...steps].sort((one, other) => one - other))
      }
  })

  it('what is sent is made smaller for our own shortage only, and sound alone comes last', () => {
    expect(idsFor(incidentOf('packet-loss'))).not.toContain('quality-down')
    expect(idsFor(incidentOf('quality-degradation', MINE))).toEqual(['quality-down', 'wait'])
    const low = { can: { ...ALL.can, qualityStep: 4 } }
    expect(idsFor(incidentOf('quality-degradation', MINE), low)).toEqual(['audio-only', 'wait'])
    const grave = incidentOf('quality-degradation', { ...MINE, severity: 'critical' })
    expect(idsFor(grave)).toEqual(['quality-down', 'audio-only', 'wait'])
  })

  it('nothing is touched while the call moves, while offline, or by two repairs at once', () => {
    const stuck = incidentOf('timeout')
    expect(idsFor(stuck, { isSwitching: true })).toEqual(['wait'])
    expect(idsFor(stuck, { isOnline: false })).toEqual(['wait'])
    expect(idsFor(stuck, { isPathRepairing: true })).toEqual(['key-frame', 'rebuild-receive', 'wait'])
  })

  it('says of each that is refused why', () => {
    const { refused } = strategiesFor(incidentOf('timeout'), { ...ALL, tried: ['ice-restart'] }, STRATEGIES)
    expect(refused).toContainEqual({ strategy: 'ice-restart', why: 'already-tried' })
    expect(refused).toContainEqual({ strategy: 'switch-provider', why: 'not-everybodys-trouble' })
  })

  it('a device that is muted or needs a person is not got again', () => {
    const lost = incidentOf('device-failure', { about: { type: 'me', id: '', media: 'audio' } })
    expect(idsFor(lost)).toEqual(['reacquire-device', 'ask-user'])
    for (const device of ['muted', 'needs-person', 'fine'] as const)
      expect(idsFor(lost, { can: { ...ALL.can, device } })).toEqual(['ask-user'])
  })

  it('a device of another participant is neither got here nor asked for here', () => {
    const theirs = incidentOf('device-failure', { about: { type: 'peer', id: 'bea', media: 'audio' } })
    expect(idsFor(theirs)).toEqual(['wait'])
  })

  it('whose camera is gone, by that person’s own word, is not received in other ways in vain', () => {
    const evidence = [THEIR_DEVICE]
    for (const kind of ['timeout', 'codec-failure', 'sync-loss'] as const)
      expect(idsFor(incidentOf(kind, { evidence }))).toEqual(['wait'])
    expect(idsFor(incidentOf('timeout', { ...MINE, evidence }))).toContain('ice-restart')
  })
})
