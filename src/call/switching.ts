/**
 * A switch as this participant lives through it: noticed (a candidate appears or the provider dies), agreed,
 * carried out peer by peer, over. It keeps the attempt, the timeline and those who wait for `switchTo()`.
 */
import type { CommittedRecord } from '../consensus/index.js'
import type { PresenceFacts } from '../document/presence.js'
import { HoldfastError } from '../errors.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'
import { lookAnew } from './sight.js'

/** An agreed provider whose media does not flow by then has failed as a recovery. */
const FLOW_TIMEOUT_MS = 10_000
/** A wish that nobody decided in this time is given up. */
const AGREE_TIMEOUT_MS = 12_000
/** A wish that nobody has had for this long is over: it travels a moment, and is written anew as people come and go. */
const DROPPED_AFTER_MS = 1000
/** How long after the decision it is still told who asked. */
const ASKED_KEPT_MS = 3000
/** What everybody announces stays small. */
const REASON_MAX_CHARS = 120
/** A candidate whose asker nobody knows by then is begun without: presence follows a wish within milliseconds. */
const ASKER_UNKNOWN_MS = 250
/** Decided records kept for people to look at. */
const DECIDED_MAX = 20

/** Until it is known who asked. */
const UNKNOWN_INITIATOR = { by: 'automatic', reason: 'agreed by the participants' } as const

type Asking = NonNullable<PresenceFacts['asking']>

interface Waiter {
  readonly provider: string
  readonly sinceMs: number
  /** What was agreed when it was asked for. */
  readonly from: string | null
  resolve(): void
  reject(error: HoldfastError): void
}

interface State {
  readonly core: CallCore
  readonly waiters: Set<Waiter>
  /** The agreed provider as last committed. */
  agreed: string | null
  announcedCandidate: string | null
  /** When a candidate was first seen whose asker is not known yet. */
  unexplainedSinceMs: number | null
  /** Since when nobody wants to go anywhere; null while somebody does. */
  calmSinceMs: number | null
  /** From the moment a switch is known until media flows on the agreed provider. */
  isUnderWay: boolean
  /** The line of the timeline that tells of it. */
  told: number | null
  /** The switch this participant asks for. */
  asking: PresenceFacts['asking']
  /** Until when `asking` stays announced. */
  askedUntilMs: number
}

/** The switching part of a call. */
export interface Switching {
  /**
   * Asks everybody to move. Resolves when the call is there and media flows, whatever else was decided on the
   * way; rejects with `switch-superseded` when it went elsewhere, else with `switch-failed`.
   */
  request(provider: string, reason: string): Promise<void>
  /** The provider died: asks for the next one and begins the attempt. */
  flee(from: string, to: string, why: string): void
  onCommitted(record: CommittedRecord): void
  refresh(reading: Reading): void
  /** The call is being left. */
  stop(): void
}

/** Makes the switching part. */
export function createSwitching(core: CallCore): Switching {
  const state: State = {
    core,
    waiters: new Set(),
    agreed: null,
    announcedCandidate: null,
    unexplainedSinceMs: null,
    calmSinceMs: null,
    isUnderWay: false,
    told: null,
    asking: null,
    askedUntilMs: Number.POSITIVE_INFINITY,
  }
  return {
    request(provider, reason) {
      return new Promise((resolve, reject) => {
        state.waiters.add({ provider, sinceMs: core.clock.now(), from: state.agreed, resolve, reject })
        state.calmSinceMs = null
        ask(state, { provider, reason })
        core.requestRefresh()
      })
    },
    flee: (from, to, why) => flee(state, from, to, why),
    onCommitted: (record) => takeRecord(state, record),
    refresh(reading) {
      noticeCandidate(state, reading)
      learnWhy(state)
      forgetAsking(state, reading.now)
      state.calmSinceMs = reading.candidates.length > 0 ? null : (state.calmSinceMs ?? reading.now)
      settleAttempt(state, reading)
      settleWaiters(state, reading)
    },
    stop() {
      core.attempts.settle('cancelled')
      for (const waiter of state.waiters) waiter.reject(new HoldfastError('closed'))
      state.waiters.clear()
    },
  }
}

function ask(state: State, wish: Asking): void {
  const { provider, reason } = wish
  const isShort = reason.length <= REASON_MAX_CHARS
  const short = isShort ? reason : `${reason.slice(0, REASON_MAX_CHARS - 1).replace(/\s\S*$/, '')}…`
  state.asking = { ...wish, reason: short }
  state.askedUntilMs = Number.POSITIVE_INFINITY
  const { core, asking } = state
  core.loop?.want(provider)
  // Right behind the wish: whoever has to vote should not be busy with who asked and why.
  void core.loop?.written().then(() => {
    if (state.asking === asking) core.document.announce({ asking })
  })
}

/** Who asked stays told for a moment: whoever hears of the record first must still learn why. */
function stopAsking(state: State): void {
  if (state.asking === null) return
  state.askedUntilMs = Math.min(state.askedUntilMs, state.core.clock.now() + ASKED_KEPT_MS)
}

function forgetAsking(state: State, now: number): void {
  if (state.asking === null || now < state.askedUntilMs) return
  state.asking = null
  state.core.document.announce({ asking: null })
}

function flee(state: State, from: string, to: string, why: string): void {
  if (state.asking?.provider === to && state.isUnderWay) return
  ask(state, { provider: to, reason: why, isOutage: true })
  if (state.isUnderWay) state.core.attempts.amend({ incident: 'provider-outage' })
  else begin(state, from, to, 'provider-outage')
}

/** Who asked for `provider` and why, read from what everybody announces; till then, what is seen of the dead one that is left. */
function initiatorOf(state: State, provider: string, dead: string | null): { by: string; reason: string } {
  const { core, asking } = state
  if (asking?.provider === provider) return { by: core.options.me.id, reason: asking.reason }
  for (const presence of core.document.presence().values())
    if (presence.asking?.provider === provider)
      return { by: presence.participant, reason: presence.asking.reason }
  return dead === null ? UNKNOWN_INITIATOR : { ...UNKNOWN_INITIATOR, reason: `${dead} no longer answers.` }
}

/** A switch away from a provider that anybody sees dead is an outage, also for those who noticed nothing. */
function incidentBehind({ sight, document }: CallCore, from: string, to: string): string {
  const isOutage =
    sight.of(from) === 'dead' ||
    [...document.presence().values()].some(
      ({ hasLeft, sight: seen, asking }) =>
        (!hasLeft && seen[from] === 'dead') || (asking?.provider === to && asking.isOutage),
    )
  return isOutage ? 'provider-outage' : 'switch-requested'
}

function begin(state: State, from: string | null, to: string, incident: string): void {
  const { core } = state
  const { by, reason } = initiatorOf(state, to, incident === 'provider-outage' ? from : null)
  state.isUnderWay = true
  core.attempts.begin({
    incident,
    strategy: 'switch-provider',
    initiator: by,
    reason,
    from,
    to,
    lineage: null,
    epoch: null,
  })
  state.told = core.timeline.add('switch', `Switching to ${to}.`, { why: reason, provider: to })
  core.events.emit('switch-started', { from, to, by, reason })
}

function takeRecord(state: State, record: CommittedRecord): void {
  const { core } = state
  const before = state.agreed
  const { provider, lineage, n } = record
  state.agreed = provider
  state.announcedCandidate = null
  state.unexplainedSinceMs = null
  remember(core, record)
  if (provider !== before) {
    core.agreedAtMs = core.clock.now()
    core.currentEntryId = null
    if (provider !== null) {
      lookAnew(core, provider)
      const isKnown = state.isUnderWay && core.attempts.current?.to === provider
      if (before !== null && !isKnown) begin(state, before, provider, incidentBehind(core, before, provider))
      core.attempts.amend({ lineage, epoch: n, to: provider })
      core.timeline.add('decision', `Everybody agreed on ${provider}.`, { provider })
    }
    stopAsking(state)
  }
  core.events.emit('provider-agreed', { lineage, epoch: n, provider })
  core.requestRefresh()
}

function remember(core: CallCore, record: CommittedRecord): void {
  const registers = core.document.registers()
  const committee = record.committee.map((voter) => registers.get(voter)?.participant ?? voter)
  const { lineage, n: epoch, provider } = record
  const decided = { lineage, epoch, provider, committee, atMs: core.clock.wallNow() }
  core.decided = [...core.decided.slice(1 - DECIDED_MAX), decided]
}

function noticeCandidate(state: State, reading: Reading): void {
  const candidate = reading.candidates[0] ?? null
  const { agreed } = state
  // The reading may be older than a commit that this very refresh brought about.
  const isFresh = reading.agreed === agreed && candidate !== agreed
  if (candidate === null || agreed === null || !isFresh) return
  if (state.isUnderWay || candidate === state.announcedCandidate) return
  const incident = incidentBehind(state.core, agreed, candidate)
  if (incident === 'switch-requested' && initiatorOf(state, candidate, null).by === UNKNOWN_INITIATOR.by) {
    state.unexplainedSinceMs ??= reading.now
    const waitMs = state.unexplainedSinceMs + ASKER_UNKNOWN_MS - reading.now
    if (waitMs > 0) {
      state.core.clock.after(waitMs, () => state.core.requestRefresh())
      return
    }
  }
  state.unexplainedSinceMs = null
  state.announcedCandidate = candidate
  begin(state, agreed, candidate, incident)
}

/** The record may be known before who asked for it and what was seen: the attempt takes both in as they come. */
function learnWhy(state: State): void {
  const { attempts, timeline } = state.core
  const { current } = attempts
  if (!state.isUnderWay || current === null || current.from === null || current.to === null) return
  const isOutage = incidentBehind(state.core, current.from, current.to) === 'provider-outage'
  if (isOutage) attempts.amend({ incident: 'provider-outage' })
  if (current.initiator !== UNKNOWN_INITIATOR.by) return
  const { by, reason } = initiatorOf(state, current.to, isOutage ? current.from : null)
  if (reason === current.reason) return
  attempts.amend({ initiator: by, reason })
  if (state.told !== null) timeline.explain(state.told, reason)
}

function settleAttempt(state: State, reading: Reading): void {
  const { core } = state
  const { current, startedAtMs } = core.attempts
  if (!state.isUnderWay || current?.strategy !== 'switch-provider') {
    state.isUnderWay = false
    return
  }
  const elapsedMs = reading.now - (startedAtMs ?? reading.now)
  const isThere = reading.agreed === current.to
  // A hot standby is shown before anybody could say why.
  const isExplained = current.initiator !== UNKNOWN_INITIATOR.by || elapsedMs >= ASKER_UNKNOWN_MS
  if (isThere && reading.isShown && isExplained) finish(state, 'succeeded')
  else if (isThere && reading.isShown) core.clock.after(ASKER_UNKNOWN_MS - elapsedMs, core.requestRefresh)
  else if (isThere && reading.now - core.agreedAtMs > FLOW_TIMEOUT_MS) finish(state, 'failed')
  else if (!isThere && elapsedMs > AGREE_TIMEOUT_MS) finish(state, 'failed')
  else if (!isThere && isDropped(state, reading) && elapsedMs > DROPPED_AFTER_MS) finish(state, 'failed')
}

function isDropped({ calmSinceMs }: State, reading: Reading): boolean {
  return calmSinceMs !== null && reading.now - calmSinceMs > DROPPED_AFTER_MS
}

function finish(state: State, outcome: 'succeeded' | 'failed'): void {
  state.isUnderWay = false
  stopAsking(state)
  state.core.attempts.settle(outcome)
}

function settleWaiters(state: State, reading: Reading): void {
  for (const waiter of [...state.waiters]) {
    const { provider, from, sinceMs } = waiter
    const isThere = reading.agreed === provider
    const isElsewhere = !isThere && reading.agreed !== from && !reading.candidates.includes(provider)
    const hasFailed = (!isThere && isDropped(state, reading)) || reading.now - sinceMs > AGREE_TIMEOUT_MS
    if (isThere && reading.isFlowing) {
      state.waiters.delete(waiter)
      waiter.resolve()
    } else if (isElsewhere || hasFailed) {
      state.waiters.delete(waiter)
      const details = { wanted: provider, agreed: reading.agreed }
      waiter.reject(new HoldfastError(isElsewhere ? 'switch-superseded' : 'switch-failed', { details }))
    }
  }
}
