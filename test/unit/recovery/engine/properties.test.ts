/**
 * Whatever happens, in whatever order: the engine is fed with thousands of random stories of incidents, answers,
 * ends, networks and people, and its promises are checked after each step.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isMild } from '../../../../src/recovery/calm.js'
import type {
  EngineEffect,
  EngineInput,
  EngineState,
  Recovery,
} from '../../../../src/recovery/engine/contract.js'
import { LASTING_KINDS, LOOPS_KINDS, RUNS_MAX, STANDS_MS } from '../../../../src/recovery/engine/limits.js'
import { createEngine, step } from '../../../../src/recovery/engine/step.js'
import type { OpenIncident } from '../../../../src/recovery/incident.js'
import { incidentKey } from '../../../../src/recovery/incident-from-alert.js'
import { anIncident, anOption } from './support.js'

const KINDS = [
  'codec-failure',
  'packet-loss',
  'provider-outage',
  'device-failure',
  'network-disconnect',
  'auth-failure',
] as const
const OPTIONS = [
  anOption({ strategy: 'key-frame', isOncePerIncident: true }),
  anOption({ strategy: 'quality-down', reach: 'me', hasUndo: true, timeoutMs: 4000 }),
  anOption({ strategy: 'reconnect', reach: 'connection', timeoutMs: 8000, isDisruptive: true }),
  anOption({ strategy: 'switch-provider', reach: 'call', timeoutMs: 12_000, isDisruptive: true }),
  anOption({ strategy: 'wait', reach: 'none', timeoutMs: 30_000 }),
]
const LONGEST_RUN_MS = 30_000 + 60_000

const incident = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    severity: fc.constantFrom('low', 'medium', 'high', 'critical'),
    who: fc.constantFrom('bob', 'east'),
    blame: fc.constantFrom('provider', 'path', 'nobody'),
  })
  .map(({ who, kind, ...facts }): OpenIncident => {
    const type = who === 'east' ? 'provider' : 'peer'
    return anIncident({ ...facts, id: `${kind} ${who}`, kind, about: { type, id: who, media: null } })
  })

const move = fc.oneof(
  fc.record({ type: fc.constant('raised' as const), incident }),
  fc.record({ type: fc.constant('changed' as const), incident }),
  incident.map(({ id }) => ({ type: 'cleared' as const, incidentId: id })),
  fc.record({
    type: fc.constant('end-one' as const),
    outcome: fc.constantFrom('succeeded', 'failed', 'cancelled'),
    retryAfterMs: fc.constantFrom(0, 400, 2500, null),
  }),
  fc.record({ type: fc.constant('tick' as const), isOnline: fc.boolean(), isBusy: fc.boolean() }),
  fc.constant({ type: 'network-changed' as const }),
  fc.constant({ type: 'device-plugged' as const }),
  fc.record({
    type: fc.constant('trigger' as const),
    incident,
    strategy: fc.constantFrom(null, 'reconnect', 'switch-provider'),
    kind: fc.constantFrom('manual', 'scheduled', 'emergency'),
    mayMoveCall: fc.boolean(),
  }),
  fc.option(incident).map((one) => ({ type: 'cancel' as const, incidentId: one?.id ?? null })),
  fc.record({ type: fc.constant('automatic' as const), isOn: fc.boolean() }),
  fc.record({ type: fc.constant('emergency' as const), isOn: fc.boolean() }),
)

const story = fc.array(
  fc.tuple(move, fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 31 }), fc.nat(OPTIONS.length)),
  { maxLength: 60 },
)

interface Look {
  readonly input: EngineInput
  readonly before: EngineState
  readonly state: EngineState
  readonly effects: readonly EngineEffect[]
}

/** Plays a story; `look` is called after each step. Then lets two minutes pass. */
function play(
  moves: readonly (readonly [object, number, number, number])[],
  look: (look: Look) => void,
): EngineState {
  let state = createEngine()
  let now = 0
  const give = (input: object, mask: number, choice: number): void => {
    const before = state
    const given = { ...input, now } as EngineInput
    const { effects, ...after } = step(state, given)
    state = after.state
    look({ input: given, before, state, effects })
    const options = OPTIONS.filter((_option, index) => (mask >> index) % 2 === 1)
    for (const effect of effects)
      if (effect.type === 'ask')
        give(
          {
            type: 'answered',
            incidentId: effect.incident.id,
            options,
            chosen: OPTIONS[choice]?.strategy ?? null,
          },
          mask,
          choice,
        )
  }
  for (const [input, waitMs, mask, choice] of moves) {
    now += waitMs
    const running = [...state.recoveries.values()].flatMap(({ run }) => run?.id ?? [])
    const told =
      'outcome' in input ? { ...input, type: 'ended', runId: running[choice] ?? running[0] ?? 'r0' } : input
    give(told, mask, choice)
  }
  give({ type: 'tick', isOnline: true, isBusy: false }, 0, 0)
  now += LONGEST_RUN_MS + 1
  give({ type: 'tick', isOnline: true, isBusy: false }, 0, 0)
  return state
}

function always(check: (look: Look) => void): void {
  let looks = 0
  const counted = (look: Look): void => {
    looks += 1
    check(look)
  }
  fc.assert(
    fc.property(story, (moves) => void play(moves, counted)),
    { numRuns: 300 },
  )
  // What a property is about may be rare; that anything was looked at is sure.
  expect(looks).toBeGreaterThan(300)
}
const runsOf = (effects: readonly EngineEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'run' ? [effect] : []))
const underWay = (state: EngineState): readonly Recovery[] =>
  [...state.recoveries.values()].filter(({ run }) => run !== null)

it('P36 never has two recoveries for one incident', () =>
  always(({ state }) => {
    const keys = [...state.recoveries.values()].map((one) => incidentKey(one.incident))
    expect(new Set(keys).size).toBe(keys.length)
  }))

it('never runs more side by side than allowed, waiting aside', () =>
  always(({ state }) => {
    const working = underWay(state).filter(({ run }) => run?.option.reach !== 'none')
    expect(working.length).toBeLessThanOrEqual(state.limits.maxConcurrent)
  }))

it('P22 ends every run, whatever becomes of its hands', () =>
  fc.assert(
    fc.property(story, (moves) => {
      expect(underWay(play(moves, () => undefined))).toEqual([])
    }),
    { numRuns: 300 },
  ))

it('moves the whole call for an outage of the provider itself, or for somebody who may and asks for it, alone', () =>
  always(({ before, effects }) => {
    for (const { incident: of, option } of runsOf(effects)) {
      if (option.reach !== 'call') continue
      const isOutage = of.kind === 'provider-outage' && of.blame === 'provider' && of.about.type === 'provider'
      const recovery = before.recoveries.get(of.id)
      const isAsked = recovery?.mayMoveCall === true && recovery.wanted === option.strategy
      expect(isOutage || isAsked).toBe(true)
    }
  }))

it('a mild incident gets nothing that people feel while it is young or something gentle is left', () =>
  always(({ input, before, state, effects }) => {
    if (input.type !== 'answered') return
    for (const { incident: of, option, kind } of runsOf(effects)) {
      if (kind !== 'automatic' || !option.isDisruptive || !isMild(of)) continue
      expect(of.severity).toBe('medium')
      const recovery = before.recoveries.get(of.id)
      if (LASTING_KINDS.has(of.kind) && (recovery?.failed.length ?? 0) > 0) continue
      expect(state.now - (recovery?.raisedAtMs ?? state.now)).toBeGreaterThanOrEqual(STANDS_MS)
    }
  }))

it('runs nothing more often than twice by itself for what is no dead path, nor so long after it came back', () =>
  always(({ state, effects }) => {
    for (const { incident: of, option, kind } of runsOf(effects)) {
      if (kind !== 'automatic' || LOOPS_KINDS.has(of.kind)) continue
      expect(state.recoveries.get(of.id)?.runs[option.strategy] ?? 0).toBeLessThanOrEqual(RUNS_MAX)
    }
  }))

it('P45 begins nothing by itself while automatic recovery is off, nor in an emergency', () =>
  always(({ state, effects }) => {
    for (const { kind } of runsOf(effects)) {
      if (!state.isAutomatic) expect(kind).not.toBe('automatic')
      if (state.isEmergency) expect(['manual', 'emergency']).toContain(kind)
    }
  }))

it('does not try first again what has failed while there is something else', () =>
  always(({ input, before, effects }) => {
    const isAlone = before.recoveries.size === 1
    const [begun] = runsOf(effects)
    if (input.type !== 'answered' || begun === undefined || !isAlone || begun.kind !== 'automatic') return
    const failed = before.recoveries.get(begun.incident.id)?.failed ?? []
    if (!failed.includes(begun.option.strategy)) return
    const { runs = {}, helped = null } = before.recoveries.get(begun.incident.id) ?? {}
    // What helped until the trouble came back goes before waiting.
    const isAgain = begun.option.strategy === helped
    const others = input.options.filter(
      ({ strategy, isDisruptive, reach }) =>
        !(isAgain && strategy === 'wait') &&
        !failed.includes(strategy) &&
        !isDisruptive &&
        reach !== 'call' &&
        (runs[strategy] ?? 0) < RUNS_MAX,
    )
    expect(others).toEqual([])
  }))

it('lets no more than so many begin within a minute', () =>
  always(({ state }) => {
    expect(state.begunAtMs.length).toBeLessThanOrEqual(state.limits.maxRuns)
  }))

it('counts time online alone', () =>
  always(({ before, state }) => {
    if (before.isOnline) return
    for (const [id, { spentMs }] of state.recoveries) {
      const known = before.recoveries.get(id)
      if (known) expect(spentMs).toBeLessThanOrEqual(known.spentMs)
    }
  }))

it('P44 does nothing in silence: whoever is held back for good is told why', () =>
  always(({ state }) => {
    for (const { state: stands, run, isAsking, told, nextAtMs, succeededAtMs } of state.recoveries.values()) {
      if (stands !== 'idle' || run !== null || isAsking) continue
      expect(told.length > 0 || nextAtMs > state.now || succeededAtMs !== null).toBe(true)
    }
  }))

it('gives the same effects for the same inputs', () =>
  fc.assert(
    fc.property(story, (moves) => {
      const one: EngineEffect[] = []
      const other: EngineEffect[] = []
      play(moves, ({ effects }) => void one.push(...effects))
      play(moves, ({ effects }) => void other.push(...effects))
      expect(other).toEqual(one)
    }),
    { numRuns: 50 },
  ))
