/**
 * Who is in the call, derived from presence: several voters of one person become one participant. Who is suspect or
 * away the failure detectors say; before they were asked, silence alone. An own freeze never makes the others look
 * dead, somebody who said that the page is frozen is away and not gone, and so is everybody while we hear nobody.
 */
import type { VoterId } from '../consensus/record.js'
import { AGREEMENT_DEFAULTS } from '../consensus/timings.js'
import { silenceLimitMs } from '../document/beat-pace.js'
import type { Presence } from '../document/presence.js'
import type { PeerSuspicion } from '../health/peer-watch.js'

/** Where no detector was asked yet: three missed heartbeats are more than a slow network's jitter (promise P11). */
export const AWAY_AFTER_MS = 3000
/** A frozen or sleeping tab may come back; its tile stays for a while, marked away. */
export const GONE_AFTER_MS = 10_000

/** One other person in the call. */
export interface Participant {
  readonly id: string
  readonly name: string
  /** Silent for unusually long: something may be prepared, nothing is done. */
  readonly isSuspect: boolean
  readonly isAway: boolean
  /** Since the last sign of life of any kind. */
  readonly silentForMs: number
  /** Presence of the page heard last. */
  readonly presence: Presence
}

/** What `readParticipants` needs. */
export interface ParticipantsInput {
  readonly presence: ReadonlyMap<VoterId, Presence>
  readonly me: string
  readonly now: number
  /** When this page last woke from a freeze; silence before that is our own. */
  readonly wokeAtMs: number
  /** What the failure detectors say, by participant. */
  readonly suspicions?: ReadonlyMap<string, PeerSuspicion>
}

/** The other participants by id, those who left or are long silent not included. */
export function readParticipants(input: ParticipantsInput): ReadonlyMap<string, Participant> {
  const latest = new Map<string, Presence>()
  for (const presence of input.presence.values()) {
    if (presence.participant === input.me || presence.hasLeft) continue
    const known = latest.get(presence.participant)
    if (known === undefined || presence.heardAtMs > known.heardAtMs) latest.set(presence.participant, presence)
  }
  const participants = new Map<string, Participant>()
  for (const presence of latest.values()) {
    const participant = readParticipant(presence, input)
    if (participant !== null) participants.set(participant.id, participant)
  }
  return participants
}

/** Null when it is gone. */
function readParticipant(presence: Presence, input: ParticipantsInput): Participant | null {
  const { participant: id, page } = presence
  const beatSilentMs = silence(presence, input)
  const suspicion = input.suspicions?.get(id)
  const isFrozen = page === 'frozen'
  const isDead =
    suspicion === undefined
      ? beatSilentMs > silenceLimitMs(AWAY_AFTER_MS, presence)
      : suspicion.level === 'confirmed'
  const isOurs = suspicion?.isOwnPath === true
  // A detector speaks when its opinion changes; a silence that it has told of goes on since.
  const sinceMs = suspicion?.level === 'trusted' ? 0 : beatSilentMs
  if (isDead && !isFrozen && !isOurs && beatSilentMs > silenceLimitMs(GONE_AFTER_MS, presence)) return null
  return {
    id,
    name: presence.name ?? id,
    isSuspect: !isOurs && suspicion?.level === 'suspect',
    isAway: isDead || isFrozen,
    silentForMs: Math.max(suspicion?.silentForMs ?? 0, sinceMs),
    presence,
  }
}

/** Voters heard from lately, self included; what consensus calls live. */
export function liveVoters(input: ParticipantsInput & { readonly voter: VoterId }): ReadonlySet<VoterId> {
  const live = new Set<VoterId>([input.voter])
  for (const [voter, presence] of input.presence)
    if (!presence.hasLeft && liveForMs(presence, input) >= 0) live.add(voter)
  return live
}

/** When the first of the others will stop being live unless it is heard again; infinite when nobody is live. */
export function liveUntilMs(input: ParticipantsInput): number {
  let until = Number.POSITIVE_INFINITY
  for (const presence of input.presence.values()) {
    const leftMs = liveForMs(presence, input)
    if (!presence.hasLeft && leftMs >= 0) until = Math.min(until, input.now + leftMs)
  }
  return until
}

/** Until it counts as dead for agreement; negative when it does. */
function liveForMs(presence: Presence, input: ParticipantsInput): number {
  return silenceLimitMs(AGREEMENT_DEFAULTS.deadAfterMs, presence) - silence(presence, input)
}

function silence(presence: Presence, input: ParticipantsInput): number {
  return input.now - Math.max(presence.heardAtMs, input.wokeAtMs)
}
