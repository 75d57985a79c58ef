/**
 * Death detection of provider connections: remembers what samples, signals, probes and other participants
 * told, asks for probes and for faster sampling while something is odd, and lets `judge.ts` say what it means.
 * Pure: time comes in with every input (page clock, milliseconds), so a late tick is only a larger number.
 * After a gap of its own (frozen tab, sleeping laptop) everything known is stale and all timers start anew.
 */
import { hearsayOf } from './hearsay.js'
import { type Facts, FLAT_MS, flowOf, judge } from './judge.js'
import { type DatedSight, dated, type OtherSight } from './sight-date.js'
import type { ConnectionVerdict, TimedSignal } from './verdict.js'
import {
  expectsInbound,
  newest,
  newWatch,
  type ObservedConnection,
  probeIn,
  restarted,
  silentSince,
  takeSample,
  type Watch,
} from './watch.js'

/** What can be told to {@link observe}. */
export type DeathInput =
  | {
      readonly type: 'tick'
      readonly atMs: number
      readonly isOnline: boolean
      readonly connections: readonly ObservedConnection[]
    }
  | { readonly type: 'signal'; readonly signal: TimedSignal }
  /** `isAnswered` null: this connection cannot be probed. */
  | {
      readonly type: 'probe'
      readonly connectionId: string
      readonly atMs: number
      readonly isAnswered: boolean | null
      /** Default: when this was last told to ask. */
      readonly askedAtMs?: number
    }
  | { readonly type: 'sight'; readonly atMs: number; readonly others: readonly OtherSight[] }

/** A probe to send now. */
export interface ProbeRequest {
  readonly connectionId: string
  readonly limitMs: number
}

/** State of the detector; plain data. */
export interface DeathState {
  readonly watches: Readonly<Record<string, Watch>>
  readonly others: readonly DatedSight[]
  readonly isOnline: boolean
  readonly lastTickAtMs: number | null
  readonly graceUntilMs: number
  /** How late our own ticks came of late: a slow machine gives everybody else more time. */
  readonly latenessMs: number
  /** When the next tick was asked for, after the last one. */
  readonly expectedTickMs: number
}

/** What {@link observe} gives back. */
export interface DeathResult {
  readonly state: DeathState
  /** Verdicts that changed in state, blame or evidence. */
  readonly verdicts: readonly ConnectionVerdict[]
  readonly probes: readonly ProbeRequest[]
  /** How soon the next tick is wanted. */
  readonly nextTickMs: number
  /** Whether the next tick should read getStats even though a second has not passed. */
  readonly wantsStats: boolean
}

/** Ticks in good times; a pulse costs microseconds. */
export const TICK_MS = 250
/** Ticks while a socket is closed or a connection is suspect: 150 ms of silence must be seen at once. */
export const FAST_TICK_MS = 50
/** A socket has just closed for so long; a killed server's media stops within 80 ms. */
const JUST_CLOSED_MS = 500
/** Silences up to this length are noise of sampling, not a rhythm of the sender. */
const SILENCE_NOISE_MS = 80
/** How long a provider may take to answer a probe; local servers answer in 1 to 20 ms. */
export const PROBE_LIMIT_MS = 500
/** Silence that starts a probe: asked early, its answer is there when the silence is long enough to judge. */
const PROBE_SILENCE_MS = 250
/** A probe is repeated this long after the last one as long as the trouble lasts. */
const PROBE_REPEAT_MS = 1_000
/** A tick gap beyond this means that this tab itself was frozen. */
const OWN_FREEZE_MS = 2_000
/** Lateness below this is ordinary timer noise. */
const LATENESS_NOISE_MS = 100
/** Lateness is forgotten by half in about 7 ticks: a machine that was busy is often busy again. */
const LATENESS_DECAY = 0.9
/** After a freeze nothing is judged for this long: media and sockets need a moment to catch up. */
const FREEZE_GRACE_MS = 1_000

/** The state before anything was observed. */
export const INITIAL_DEATH_STATE: DeathState = {
  watches: {},
  others: [],
  isOnline: true,
  lastTickAtMs: null,
  graceUntilMs: Number.NEGATIVE_INFINITY,
  latenessMs: 0,
  expectedTickMs: TICK_MS,
}

/** Takes one observation in. */
export function observe(state: DeathState, input: DeathInput): DeathResult {
  switch (input.type) {
    case 'tick':
      return conclude(afterTick(state, input), input.atMs)
    case 'signal':
      return concludeBetween(afterSignal(state, input.signal))
    case 'probe':
      return concludeBetween(afterProbe(state, input.connectionId, input.isAnswered, input.askedAtMs))
    case 'sight':
      return concludeBetween({ ...state, others: dated(state.others, input.others) })
  }
}

/** Silence is measured at ticks alone: between two of them nobody looked, so no time may pass. */
function concludeBetween(state: DeathState): DeathResult {
  if (state.lastTickAtMs === null) return idle(state)
  const result = conclude(state, state.lastTickAtMs)
  // The tick that is under way was asked for earlier; it is not late for what was learned since.
  return { ...result, state: { ...result.state, expectedTickMs: state.expectedTickMs } }
}

function idle(state: DeathState): DeathResult {
  return { state, verdicts: [], probes: [], nextTickMs: TICK_MS, wantsStats: true }
}

function afterTick(state: DeathState, input: Extract<DeathInput, { type: 'tick' }>): DeathState {
  const gapMs = state.lastTickAtMs === null ? 0 : input.atMs - state.lastTickAtMs
  const wasFrozen = gapMs > OWN_FREEZE_MS
  const watches: Record<string, Watch> = {}
  for (const connection of input.connections) {
    const known = state.watches[connection.connectionId] ?? newWatch(connection)
    const watch = takeSample(known, connection, input.atMs)
    watches[connection.connectionId] = wasFrozen ? restarted(watch, input.atMs) : watch
  }
  return {
    watches,
    others: state.others,
    isOnline: input.isOnline,
    lastTickAtMs: input.atMs,
    graceUntilMs: wasFrozen ? input.atMs + FREEZE_GRACE_MS : state.graceUntilMs,
    latenessMs: wasFrozen ? 0 : latenessAfter(state, gapMs),
    expectedTickMs: state.expectedTickMs,
  }
}

function latenessAfter(state: DeathState, gapMs: number): number {
  const lateMs = gapMs - state.expectedTickMs
  return Math.max(lateMs > LATENESS_NOISE_MS ? lateMs : 0, state.latenessMs * LATENESS_DECAY)
}

function afterSignal(state: DeathState, timed: TimedSignal): DeathState {
  const { signal, connectionId, atMs } = timed
  switch (signal.type) {
    case 'socket-closed':
      return patch(state, connectionId, (watch) => ({ socketClosedAtMs: watch.socketClosedAtMs ?? atMs }))
    case 'socket-open':
      return patch(state, connectionId, () => ({ socketClosedAtMs: null }))
    case 'probe-answered':
      return afterProbe(state, connectionId, true)
    case 'probe-timeout':
      return afterProbe(state, connectionId, false, atMs - signal.limitMs)
    case 'ice':
      return patch(state, connectionId, (watch) => ({ ice: { ...watch.ice, [signal.role]: signal.state } }))
  }
}

function afterProbe(
  state: DeathState,
  connectionId: string,
  isAnswered: boolean | null,
  askedAtMs: number | null = null,
): DeathState {
  const probe = isAnswered === null ? 'impossible' : isAnswered ? 'answered' : 'unanswered'
  return patch(state, connectionId, ({ probeAtMs }) => ({
    probe,
    // One that nobody here asked for must not be repeated at once.
    probeAtMs: newest(probeAtMs, askedAtMs),
    probeAskedAtMs: askedAtMs ?? probeAtMs,
  }))
}

function patch(state: DeathState, connectionId: string, change: (watch: Watch) => Partial<Watch>): DeathState {
  const watch = state.watches[connectionId]
  if (!watch) return state
  return { ...state, watches: { ...state.watches, [connectionId]: { ...watch, ...change(watch) } } }
}

function conclude(state: DeathState, nowMs: number): DeathResult {
  if (nowMs < state.graceUntilMs) return idle(state)
  const verdicts: ConnectionVerdict[] = []
  const probes: ProbeRequest[] = []
  const watches: Record<string, Watch> = {}
  let nextTickMs = TICK_MS
  for (const [connectionId, watch] of Object.entries(state.watches)) {
    const facts = factsOf(state, watch, nowMs)
    const verdict = judge(facts)
    const probing = withProbe(watch, facts, nowMs)
    if (probing.probeAtMs === nowMs && watch.probeAtMs !== nowMs)
      probes.push({ connectionId, limitMs: Math.round(PROBE_LIMIT_MS + slackOf(state)) })
    const next = { ...probing, verdict }
    watches[connectionId] = next
    if (isNews(watch.verdict, verdict)) verdicts.push(verdict)
    nextTickMs = Math.min(nextTickMs, tickFor(next, nowMs))
  }
  const wantsStats = nextTickMs < TICK_MS
  return { state: { ...state, watches, expectedTickMs: nextTickMs }, verdicts, probes, nextTickMs, wantsStats }
}

/**
 * Asks for a probe while something is wrong. What an old one said stands until the next has been answered:
 * asking again must not withdraw a verdict.
 */
function withProbe(watch: Watch, facts: Facts, nowMs: number): Watch {
  const flow = flowOf(facts)
  const isSilent = flow === 'flat' || flow === 'long' || isInboundLate(facts)
  const isCalm = !isSilent && !facts.isSocketClosed && facts.ice === 'fine'
  if (isCalm) return facts.probe === 'asked' ? watch : { ...watch, probe: 'none' }
  if (!watch.hasSeenMedia || facts.probe === 'impossible') return watch
  const sinceMs = nowMs - (watch.probeAtMs ?? 0)
  // Word of the others that came after an unanswered probe was asked: only a fresh one can tell who is gone.
  const isOutdated = facts.probe === 'unanswered' && facts.othersCount > 0 && sinceMs >= PROBE_LIMIT_MS
  const isDue = facts.probe === 'none' || isOutdated || sinceMs >= PROBE_REPEAT_MS
  if (!isDue) return watch
  return { ...watch, probe: facts.probe === 'none' ? 'asked' : facts.probe, probeAtMs: nowMs }
}

function isInboundLate(facts: Facts): boolean {
  if (!facts.expectsInbound || facts.inboundSilentMs === null) return false
  return facts.inboundSilentMs >= PROBE_SILENCE_MS + facts.usualSilenceMs
}

function factsOf(state: DeathState, watch: Watch, nowMs: number): Facts {
  const { connection } = watch
  const outboundAtMs = newest(watch.acknowledgedAtMs, watch.transportAtMs)
  const sinceMs = silentSince(watch) ?? nowMs
  const age = (atMs: number | null): number | null => (atMs === null ? null : Math.max(0, nowMs - atMs))
  return {
    connectionId: connection.connectionId,
    hasServer: connection.hasServer,
    hasSeenMedia: watch.hasSeenMedia,
    expectsInbound: expectsInbound(watch),
    expectsOutbound: connection.expectsOutbound,
    inboundSilentMs: age(watch.inboundAtMs),
    transportSilentMs: age(watch.transportAtMs),
    // Reports that never came, e.g. from servers that send none, cannot be missed.
    unansweredMs: watch.acknowledgedAtMs === null ? null : age(watch.unansweredSinceMs),
    outboundSilentMs: watch.acknowledgedAtMs === null ? null : age(outboundAtMs),
    usualSilenceMs: (watch.usualSilenceMs > SILENCE_NOISE_MS ? watch.usualSilenceMs : 0) + slackOf(state),
    isSocketClosed: watch.socketClosedAtMs !== null,
    isSocketJustClosed: watch.socketClosedAtMs !== null && nowMs - watch.socketClosedAtMs < JUST_CLOSED_MS,
    ice: iceOf(watch),
    probe: probeIn(watch),
    isOnline: state.isOnline,
    ...hearsayOf(state.others, connection.provider, sinceMs, watch.probeAskedAtMs ?? 0),
  }
}

/** Extra patience while our own machine is slow; below a tick's noise there is none. */
function slackOf(state: DeathState): number {
  return state.latenessMs > LATENESS_NOISE_MS ? state.latenessMs : 0
}

function iceOf(watch: Watch): Facts['ice'] {
  const states = Object.values(watch.ice)
  if (states.includes('failed')) return 'failed'
  return states.includes('disconnected') ? 'disconnected' : 'fine'
}

/** Faster while something is worth a closer look: closed socket, suspicion, ICE trouble, unusual silence. */
function tickFor(watch: Watch, nowMs: number): number {
  if (!watch.hasSeenMedia || watch.verdict.state === 'dead') return TICK_MS
  if (watch.verdict.state === 'suspect' || watch.socketClosedAtMs !== null) return FAST_TICK_MS
  if (iceOf(watch) !== 'fine') return FAST_TICK_MS
  const silentMs = watch.inboundAtMs === null ? 0 : nowMs - watch.inboundAtMs
  const isUnusual = silentMs > FLAT_MS / 2 + watch.usualSilenceMs
  return watch.connection.expectsInbound && isUnusual ? FAST_TICK_MS : TICK_MS
}

function isNews(before: ConnectionVerdict, after: ConnectionVerdict): boolean {
  const textOf = ({ state, blame, evidence }: ConnectionVerdict) => [state, blame, ...evidence].join()
  return textOf(before) !== textOf(after)
}
