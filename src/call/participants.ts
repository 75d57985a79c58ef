/**
 * Who is in the call, derived from presence: several voters of one person become one participant, silence
 * becomes `away` and then absence. An own freeze never makes the others look dead.
 */
import type { VoterId } from '../consensus/record.js'
import { AGREEMENT_DEFAULTS } from '../consensus/timings.js'
import type { Presence } from '../document/presence.js'

/** Heartbeats come every second; three missed ones are more than a slow network's jitter (promise P11). */
export const AWAY_AFTER_MS = 3000
/** A frozen or sleeping tab may come back; its tile stays for a while, marked away. */
export const GONE_AFTER_MS = 10_000

/** One other person in the call. */
export interface Participant {
  readonly id: string
  readonly name: string
  readonly isAway: boolean
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
    const silentForMs = silence(presence, input)
    if (silentForMs > GONE_AFTER_MS) continue
    participants.set(presence.participant, {
      id: presence.participant,
      name: presence.name ?? presence.participant,
      isAway: silentForMs > AWAY_AFTER_MS,
      presence,
    })
  }
  return participants
}

/** Voters heard from lately, self included; what consensus calls live. */
export function liveVoters(input: ParticipantsInput & { readonly voter: VoterId }): ReadonlySet<VoterId> {
  const live = new Set<VoterId>([input.voter])
  for (const [voter, presence] of input.presence)
    if (!presence.hasLeft && silence(presence, input) <= AGREEMENT_DEFAULTS.deadAfterMs) live.add(voter)
  return live
}

/** When the first of the others will stop being live unless it is heard again; infinite when nobody is live. */
export function liveUntilMs(input: ParticipantsInput): number {
  let until = Number.POSITIVE_INFINITY
  for (const presence of input.presence.values()) {
    const leftMs = AGREEMENT_DEFAULTS.deadAfterMs - silence(presence, input)
    if (!presence.hasLeft && leftMs >= 0) until = Math.min(until, input.now + leftMs)
  }
  return until
}

function silence(presence: Presence, input: ParticipantsInput): number {
  return input.now - Math.max(presence.heardAtMs, input.wokeAtMs)
}
