/**
 * How likely an outage is to begin within five seconds: of my own connection by the model of `risk-model.ts`, of a
 * provider by what all participants see of it together. High means prepare, critical means act. Calibrated while the
 * call runs: a participant whose outages come more or less often than foretold shifts its own odds. False alarms have
 * a budget: when it is used up nothing is called critical for the rest of the hour.
 */
import { RISK_COEFFICIENTS } from './risk-coefficients.js'
import {
  NO_RISK_MEMORY,
  OUTAGE_MS,
  type RiskMemory,
  type RiskObservation,
  riskFeatures,
} from './risk-features.js'
import { probabilityOf, type RiskShare, riskLogit } from './risk-model.js'
import type { OtherSight } from './sight-date.js'
import type { ConnectionVerdict } from './verdict.js'

/** Rising. */
export const RISK_LEVELS = ['low', 'medium', 'high', 'critical'] as const
/** One of them. */
export type RiskLevel = (typeof RISK_LEVELS)[number]

/** The risk of one connection or provider. */
export interface Risk {
  readonly about: { readonly type: 'connection' | 'provider'; readonly id: string }
  /** Probability in percent, calibrated. */
  readonly risk: number
  readonly level: RiskLevel
  /** Time that is left, as the median of what the model was measured on; null below high. */
  readonly leadMs: number | null
  /** What contributes most, at most three, with their shares of what speaks for an outage. */
  readonly signals: readonly { readonly signal: string; readonly share: number }[]
}

/** All risks at one moment. */
export interface RiskReport {
  readonly atMs: number
  readonly risks: readonly Risk[]
  /** Those whose level is another one than before. */
  readonly changes: readonly Risk[]
}

/** What is told of one connection in one second. */
export interface RiskInput {
  readonly connectionId: string
  readonly provider: string
  readonly isCurrent: boolean
  /** Null when nothing was read, or nothing is received. */
  readonly observation: RiskObservation | null
  readonly verdict: ConnectionVerdict | null
}

interface ConnectionRisk {
  readonly memory: RiskMemory
  /** What was foretold and is not settled yet, oldest first. */
  readonly open: readonly { readonly atMs: number; readonly p: number }[]
  /** Critical since; null when it is not, or was settled. */
  readonly alarmAtMs: number | null
  readonly p: number
  readonly shares: readonly RiskShare[]
}

/** Memory; plain data. */
export interface RiskState {
  readonly connections: Readonly<Record<string, ConnectionRisk>>
  /** Seconds before outages, as foretold and as they came, fading. */
  readonly expected: number
  readonly seen: number
  /** When critical risks were followed by nothing. */
  readonly falseAtMs: readonly number[]
  readonly levels: Readonly<Record<string, RiskLevel>>
}

/** Before anything was told. */
export const INITIAL_RISK_STATE: RiskState = {
  connections: {},
  expected: 0,
  seen: 0,
  falseAtMs: [],
  levels: {},
}

/** How far ahead the model looks. */
export const RISK_HORIZON_MS = 5_000
/** A foretold second that did not come is forgotten by half in about ten minutes. */
const CALIBRATION_DECAY = 0.9988
/** Foretold seconds that the offline fit is worth: a few outages do not overturn it. */
const CALIBRATION_PRIOR = 20
/** The own odds move by a factor of four and a half at most. */
const SHIFT_MAX = 1.5
/** A critical risk that nothing followed for this long was false. */
const ALARM_SETTLE_MS = 10_000
/** False critical risks that an hour may have; a switch for nothing costs everybody a moment. */
const FALSE_PER_HOUR = 2
const HOUR_MS = 3_600_000
/** A level is kept until the probability is this much below it. */
const KEEP_RATIO = 0.7
/** What another participant's sight is worth as a probability. */
const SIGHT_P = { ok: 0.02, suspect: 0.6, dead: 0.97, unreachable: 0.9 } as const
/** What others see is of now for this long. */
const SIGHT_FRESH_MS = 5_000

/** Takes one second in. */
export function assessRisk(
  state: RiskState,
  atMs: number,
  inputs: readonly RiskInput[],
  others: readonly OtherSight[],
): { readonly state: RiskState; readonly report: RiskReport } {
  let next: RiskState = { ...state, falseAtMs: state.falseAtMs.filter((one) => atMs - one < HOUR_MS) }
  const connections: Record<string, ConnectionRisk> = {}
  for (const input of inputs) {
    const known = state.connections[input.connectionId]
    const settled = input.observation ? settle(next, known, input.observation) : null
    if (settled) next = settled.state
    const one = settled ? foretell(next, settled.known, input.observation as RiskObservation) : known
    if (one) connections[input.connectionId] = one
  }
  const spent = next.falseAtMs.length >= FALSE_PER_HOUR
  const risks = [
    ...Object.entries(connections).map(([id, one]) =>
      riskOf('connection', id, one.p, one.shares, state, spent),
    ),
    ...providersOf(connections, inputs, others, atMs).map(({ id, p, shares }) =>
      riskOf('provider', id, p, shares, state, spent),
    ),
  ]
  const levels = Object.fromEntries(risks.map(({ about, level }) => [`${about.type} ${about.id}`, level]))
  for (const { about, level } of risks) {
    const one = connections[about.id]
    if (about.type === 'connection' && one && level === 'critical')
      connections[about.id] = { ...one, alarmAtMs: one.alarmAtMs ?? atMs }
  }
  const changes = risks.filter(
    ({ about, level }) => level !== (state.levels[`${about.type} ${about.id}`] ?? 'low'),
  )
  return { state: { ...next, connections, levels }, report: { atMs, risks, changes } }
}

/** What was foretold long enough ago has come or has not. */
function settle(
  state: RiskState,
  known: ConnectionRisk | undefined,
  { atMs, silentMs }: RiskObservation,
): { readonly state: RiskState; readonly known: ConnectionRisk | undefined } {
  if (!known) return { state, known }
  const isOut = silentMs >= OUTAGE_MS
  const due = known.open.filter((one) => isOut || atMs - one.atMs > RISK_HORIZON_MS + OUTAGE_MS)
  let { expected, seen, falseAtMs } = state
  for (const { p } of due) {
    expected = expected * CALIBRATION_DECAY + p
    seen = seen * CALIBRATION_DECAY + Number(isOut)
  }
  const isFalse = known.alarmAtMs !== null && !isOut && atMs - known.alarmAtMs > ALARM_SETTLE_MS
  if (isFalse) falseAtMs = [...falseAtMs, atMs]
  const alarmAtMs = isFalse || isOut ? null : known.alarmAtMs
  const open = known.open.filter((one) => !due.includes(one))
  return { state: { ...state, expected, seen, falseAtMs }, known: { ...known, open, alarmAtMs } }
}

function foretell(
  state: RiskState,
  known: ConnectionRisk | undefined,
  observation: RiskObservation,
): ConnectionRisk {
  const { memory, features } = riskFeatures(known?.memory ?? NO_RISK_MEMORY, observation)
  const { logit, shares } = riskLogit(features)
  const shift = Math.log((state.seen + CALIBRATION_PRIOR) / (state.expected + CALIBRATION_PRIOR))
  const p = probabilityOf(logit + Math.min(SHIFT_MAX, Math.max(-SHIFT_MAX, shift)))
  // While it is out there is nothing to foretell; the uncalibrated word is what is compared with what comes.
  // What has not begun to flow is not out.
  const isOut = observation.silentMs >= OUTAGE_MS && memory.usualBps > 0
  const open = [...(known?.open ?? []), ...(isOut ? [] : [{ atMs: observation.atMs, p: probabilityOf(logit) }])]
  return { memory, open, alarmAtMs: known?.alarmAtMs ?? null, p: isOut ? 1 : p, shares }
}

/** Everybody's view of a provider counts the same; one of many in trouble is that one's own trouble. */
function providersOf(
  connections: Readonly<Record<string, ConnectionRisk>>,
  inputs: readonly RiskInput[],
  others: readonly OtherSight[],
  atMs: number,
): { readonly id: string; readonly p: number; readonly shares: readonly RiskShare[] }[] {
  return inputs
    .filter(({ isCurrent, connectionId }) => isCurrent && connections[connectionId] !== undefined)
    .map(({ provider, connectionId, verdict }) => {
      const own = connections[connectionId] as ConnectionRisk
      const isBlamed = verdict?.state === 'dead' && verdict.blame === 'provider'
      const views = others
        .filter((other) => other.provider === provider && atMs - other.heardAtMs <= SIGHT_FRESH_MS)
        .map(({ sight }) => SIGHT_P[sight])
      const all = [isBlamed ? SIGHT_P.dead : own.p, ...views]
      return { id: provider, p: all.reduce((sum, p) => sum + p, 0) / all.length, shares: own.shares }
    })
}

function riskOf(
  type: Risk['about']['type'],
  id: string,
  p: number,
  shares: readonly RiskShare[],
  state: RiskState,
  isBudgetSpent: boolean,
): Risk {
  const before = RISK_LEVELS.indexOf(state.levels[`${type} ${id}`] ?? 'low')
  const reached = RISK_COEFFICIENTS.levels.filter(
    (from, at) => p >= (before > at ? from * KEEP_RATIO : from),
  ).length
  const level = RISK_LEVELS[isBudgetSpent ? Math.min(reached, 2) : reached] ?? 'low'
  const speaking = shares.filter(({ value }) => value > 0)
  const whole = speaking.reduce((sum, { value }) => sum + value, 0)
  return {
    about: { type, id },
    risk: Math.round(100 * p),
    level,
    leadMs: level === 'high' || level === 'critical' ? RISK_COEFFICIENTS.leadMs : null,
    signals: speaking
      .slice(0, 3)
      .map(({ signal, value }) => ({ signal, share: Math.round((100 * value) / whole) / 100 })),
  }
}
