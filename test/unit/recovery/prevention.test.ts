import { describe, expect, it } from 'vitest'
import type { Alert, AlertKind, Severity } from '../../../src/health/alert.js'
import type { Risk, RiskLevel } from '../../../src/health/risk.js'
import { type Danger, dangersOf, hasCome } from '../../../src/recovery/danger.js'
import {
  INITIAL_PREVENTION,
  likelihoodOf,
  PREVENTIVE_ACTIONS,
  type PreventionState,
  stepPrevention,
  tallyOf,
} from '../../../src/recovery/prevention.js'

const ABOUT = { connection: 'east-1', provider: 'east' }

function risk(type: 'connection' | 'provider', level: RiskLevel, signals: readonly string[] = []): Risk {
  const id = type === 'connection' ? ABOUT.connection : ABOUT.provider
  return {
    about: { type, id },
    risk: 50,
    level,
    leadMs: 3000,
    signals: signals.map((signal) => ({ signal, share: 1 })),
  }
}

function alert(kind: AlertKind, severity: Severity = 'medium', value = 0): Alert {
  return {
    id: 1,
    kind,
    about: { type: 'connection', id: 'east-1', media: null },
    severity,
    sinceMs: 0,
    value,
    unit: 'ms',
    evidence: [],
    cause: null,
    blame: { culprit: 'path', participant: null, confidence: 0.5, evidence: [] },
  }
}

/** Plays seconds one after the other, from second one on; what was done is told as `1 act quality-down`. */
function play(seconds: readonly { readonly risks?: readonly Risk[]; readonly alerts?: readonly Alert[] }[]) {
  let state: PreventionState = INITIAL_PREVENTION
  const log = seconds.flatMap(({ risks = [], alerts = [] }, index) => {
    const now = 1000 * (index + 1)
    const dangers = dangersOf(ABOUT, risks, alerts)
    const stepped = stepPrevention(state, { now, dangers, hasCome: hasCome(alerts), can: PREVENTIVE_ACTIONS })
    state = stepped.state
    return stepped.effects.map(({ type, action, score }) =>
      type === 'scored' ? `${index + 1} ${action} was ${score}` : `${index + 1} ${type} ${action}`,
    )
  })
  return { log, state }
}

const seconds = <Second>(count: number, second: Second): readonly Second[] =>
  Array.from({ length: count }, () => second)

describe('prevention', () => {
  it('P13 P18 warms a standby at high risk of the provider, and has it carry media at critical', () => {
    const { log } = play([
      { risks: [risk('provider', 'medium')] },
      { risks: [risk('provider', 'high')] },
      { risks: [risk('provider', 'high')] },
      { risks: [risk('provider', 'critical')] },
      { risks: [risk('provider', 'critical')] },
    ])
    expect(log).toEqual(['2 act warm-standby', '4 act hot-standby'])
  })

  it('P18 never moves the call: there is no such action', () => {
    expect(PREVENTIVE_ACTIONS).not.toContain('switch-provider')
  })

  it('P23 latency above 500 ms is a high danger, and the better of two methods is chosen', () => {
    const slow = { alerts: [alert('high-rtt', 'medium', 620)] }
    expect(dangersOf(ABOUT, [], slow.alerts)[0]).toMatchObject({ level: 'high', isFelt: true, isCrowded: true })
    const first = play([slow])
    expect(first.log).toEqual(['1 act quality-down'])
    expect(likelihoodOf(first.state, 'quality-down')).toBeGreaterThan(likelihoodOf(first.state, 'ice-restart'))
  })

  it('P23 which of the two is better is learned from how they turned out', () => {
    const met: PreventionState = {
      ...INITIAL_PREVENTION,
      scores: {
        'quality-down': { averted: 0, met: 6, needless: 0 },
        'ice-restart': { averted: 5, met: 0, needless: 0 },
      },
    }
    const dangers = dangersOf(ABOUT, [], [alert('high-rtt', 'medium', 620)])
    const { effects } = stepPrevention(met, { now: 1000, dangers, hasCome: false, can: PREVENTIVE_ACTIONS })
    expect(effects.map(({ action }) => action)).toEqual(['ice-restart'])
  })

  it('P23 with one method alone that one is taken, and with none nothing is done', () => {
    const dangers = dangersOf(ABOUT, [], [alert('high-rtt', 'medium', 620)])
    const actionsWith = (can: readonly ('quality-down' | 'ice-restart')[]) =>
      stepPrevention(INITIAL_PREVENTION, { now: 1000, dangers, hasCome: false, can }).effects.map(
        ({ action }) => action,
      )
    expect(actionsWith(['ice-restart'])).toEqual(['ice-restart'])
    expect(actionsWith([])).toEqual([])
  })

  it('P13 critical risk of our own path is acted upon before anything is felt', () => {
    const risks = [risk('connection', 'critical', ['round-trip-trend'])]
    expect(play([{ risks }]).log).toEqual(['1 act quality-down'])
    // Nothing is queueing: less sent would not help.
    expect(play([{ risks: [risk('connection', 'critical', ['silence'])] }]).log).toEqual(['1 act ice-restart'])
  })

  it('P13 every action is scored: averted where trouble was felt and no freeze came', () => {
    const felt = { alerts: [alert('packet-loss'), alert('low-bandwidth')] }
    const { log, state } = play([...seconds(4, felt), ...seconds(20, {})])
    expect(log).toEqual(['1 act quality-down', '11 quality-down was averted', '15 end quality-down'])
    expect(tallyOf(state)).toEqual({ averted: 1, met: 0, needless: 0 })
  })

  it('P13 met: what was feared came, and found the call prepared', () => {
    const { log, state } = play([
      { risks: [risk('provider', 'critical')] },
      { risks: [risk('provider', 'critical')], alerts: [alert('freeze', 'high')] },
    ])
    expect(log).toEqual(['1 act hot-standby', '2 hot-standby was met'])
    expect(tallyOf(state).met).toBe(1)
  })

  it('P13 being met prepared speaks for a standby, and against what should have averted it', () => {
    const met = { averted: 0, met: 9, needless: 0 }
    const state: PreventionState = { ...INITIAL_PREVENTION, scores: { 'hot-standby': met, 'ice-restart': met } }
    expect(likelihoodOf(state, 'hot-standby')).toBeGreaterThan(0.8)
    expect(likelihoodOf(state, 'ice-restart')).toBeLessThan(0.15)
    const dangers = dangersOf(
      ABOUT,
      [risk('provider', 'critical'), risk('connection', 'critical', ['silence'])],
      [],
    )
    const { effects } = stepPrevention(state, { now: 1000, dangers, hasCome: false, can: PREVENTIVE_ACTIONS })
    expect(effects.map(({ action }) => action)).toEqual(['hot-standby'])
  })

  it('P13 needless: nothing came and nothing was felt; two in an hour use up the budget', () => {
    const guess = { risks: [risk('connection', 'critical', ['round-trip-trend'])] }
    const one = [guess, ...seconds(24, {})]
    const { log, state } = play([...one, ...one, guess, guess])
    expect(log.filter((line) => line.endsWith('needless'))).toHaveLength(2)
    expect(log.filter((line) => line.includes(' act '))).toHaveLength(2)
    expect(state.needlessAtMs).toHaveLength(2)
  })

  it('P13 a spent budget is filled again after an hour, and never holds back what nobody can feel', () => {
    const spent: PreventionState = { ...INITIAL_PREVENTION, needlessAtMs: [1000, 2000] }
    const actionsAt = (now: number, risks: readonly Risk[]) =>
      stepPrevention(spent, {
        now,
        dangers: dangersOf(ABOUT, risks, []),
        hasCome: false,
        can: PREVENTIVE_ACTIONS,
      }).effects.map(({ action }) => action)
    const own = [risk('connection', 'critical', ['strained-queue'])]
    expect(actionsAt(10_000, own)).toEqual([])
    expect(actionsAt(10_000, [risk('provider', 'critical')])).toEqual(['hot-standby'])
    expect(actionsAt(3_700_000, own)).toEqual(['quality-down'])
  })

  it('leaves to the repairs what has already come', () => {
    const dangers: readonly Danger[] = dangersOf(ABOUT, [risk('provider', 'critical')], [alert('freeze')])
    expect(
      stepPrevention(INITIAL_PREVENTION, { now: 1, dangers, hasCome: true, can: PREVENTIVE_ACTIONS }).effects,
    ).toEqual([])
  })

  it('low alerts and alerts of other things are no danger', () => {
    expect(dangersOf(ABOUT, [], [alert('packet-loss', 'low'), alert('static-video')])[0]?.level).toBe('low')
  })
})
