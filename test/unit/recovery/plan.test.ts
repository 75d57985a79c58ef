import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConnectionVerdict } from '../../../src/health/verdict.js'
import {
  evidenceClause,
  type Incident,
  incidentOf,
  type PlanContext,
  planRecovery,
} from '../../../src/recovery/index.js'

const outage: Incident = {
  kind: 'provider-outage',
  provider: 'east',
  severity: 'critical',
  blame: 'provider',
  evidence: ['socket-closed', 'inbound-flat'],
}
const path: Incident = {
  ...outage,
  kind: 'path-broken',
  blame: 'path',
  evidence: ['inbound-flat', 'others-fine'],
}
const context: PlanContext = { next: 'west', canRestartIce: false, attempts: 0, isAutomatic: true }

describe('recovery plan', () => {
  it("the provider's trouble moves the call", () => {
    expect(planRecovery(outage, context)).toMatchObject({
      strategy: 'switch-provider',
      reach: 'call',
      target: 'west',
      delayMs: 0,
    })
  })

  it("one participant's trouble never moves the call", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.boolean(), fc.option(fc.constant('west')), (attempts, canRestartIce, next) => {
        const plan = planRecovery(path, { ...context, attempts, canRestartIce, next })
        expect(plan.reach).not.toBe('call')
        expect(plan.target).toBe('east')
      }),
    )
  })

  it('ICE is restarted once, then the connection is rebuilt', () => {
    const able = { ...context, canRestartIce: true }
    expect(planRecovery(path, able).strategy).toBe('ice-restart')
    expect(planRecovery(path, { ...able, attempts: 1 }).strategy).toBe('reconnect')
  })

  it('waits longer before later reconnects, but never more than a few seconds', () => {
    const delays = [0, 1, 2, 3, 4, 50].map((attempts) => planRecovery(path, { ...context, attempts }).delayMs)
    expect(delays).toEqual([...delays].sort((a, b) => a - b))
    expect(Math.max(...delays)).toBeLessThanOrEqual(2500)
  })

  it('does nothing by itself when the app switched that off, and says so', () => {
    const plan = planRecovery(outage, { ...context, isAutomatic: false })
    expect(plan).toMatchObject({ strategy: 'wait', reach: 'none' })
    expect(plan.explanation.userAction).not.toBe('')
  })

  it('P44 every plan is explained: summary, cause, evidence, what to do', () => {
    for (const incident of [outage, path])
      for (const next of ['west', null])
        for (const isAutomatic of [true, false]) {
          const { explanation } = planRecovery(incident, { ...context, next, isAutomatic })
          expect(Object.values(explanation).every((value) => value.length > 0)).toBe(true)
        }
  })

  it('only a verdict of death is an incident', () => {
    const verdict: ConnectionVerdict = {
      connectionId: 'east-1',
      state: 'suspect',
      blame: 'none',
      evidence: ['inbound-flat'],
      silentForMs: 500,
    }
    expect(incidentOf('east', verdict)).toBeNull()
    expect(incidentOf('east', { ...verdict, state: 'dead', blame: 'path' })?.kind).toBe('path-broken')
    expect(incidentOf('east', { ...verdict, state: 'dead', blame: 'provider' })?.kind).toBe('provider-outage')
  })

  it('tells evidence as one clause', () => {
    expect(evidenceClause(['inbound-flat', 'probe-timeout'])).toBe(
      'no media arrives from it and it no longer answers',
    )
  })
})
