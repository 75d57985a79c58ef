/**
 * What one voter remembers between two calls of `step`, beside the document.
 */
import type { CommittedRecord, VoterId } from './record.js'
import { PROVIDERS_MAX } from './record.js'
import type { Register } from './register.js'
import type { View } from './step.js'
import { AGREEMENT_DEFAULTS, type AgreementTimings } from './timings.js'

/** A moment and what it was noted for; another key starts the time anew. */
export interface Since {
  readonly key: string
  readonly at: number
}

/** The record a fork was taken from, kept by its founder (rule 12). */
export interface ForkBase {
  readonly record: CommittedRecord
  /** Participant of each member as far as it was known. */
  readonly participants: Readonly<Record<VoterId, string>>
}

/** Everything one voter remembers. Plain data: it can be logged, compared and cloned. */
export interface AgreementState {
  readonly phase: 'listening' | 'active' | 'hopping' | 'left'
  readonly voter: VoterId
  readonly participant: string
  readonly joinedAt: number
  /** Provider ids this voter can run, its favourite first. */
  readonly caps: readonly string[]
  readonly timings: AgreementTimings
  /**
   * The own register; null while listening or hopping. As last published, except that an observer's may know a
   * later head and later warm-ups (rule 1).
   */
  readonly register: Register | null
  /** Step again no later than this (monotonic milliseconds). */
  readonly wakeAt: number
  /** When the previous step ran; a long gap means that the page slept (rule 11). */
  readonly lastNow: number
  readonly listeningSince: number
  /** Since when another lineage looks better (rule 2). */
  readonly outrankedSince: number | null
  /** Since when the quorum is missing (rule 3). */
  readonly lonelySince: number | null
  /** Since when the highest round of this instance stands undecided (rule 7). */
  readonly roundSince: Since | null
  /** Since when the votes wait for this candidate's warm-up (rule 5). */
  readonly candidateSince: Since | null
  /** Who got a seat with the present head, and when it was learned: nothing may have been heard of them yet. */
  readonly seated: { readonly voters: readonly VoterId[]; readonly at: number } | null
  /** Since when the barrier after a sleep stands (rule 11). */
  readonly wakingSince: number | null
  /** Where a hop leads once the shell has answered with a fresh voter (rule 9). */
  readonly hop: {
    readonly reason: 'better-lineage' | 'fork'
    readonly from: Register
    /** The app's open wish, if it had one. */
    readonly wish: string | null
  } | null
  readonly forkBase: ForkBase | null
  /** Participants of the fork's base who have been in this lineage, though they may have left it since (rule 12). */
  readonly arrived: readonly string[]
  /** A want that came before there was an instance to want it for. */
  readonly pendingWant: string | null
  /** Whether the own want is the app's and not the core's own. */
  readonly isAppWant: boolean
  readonly wantSince: number | null
  /** Warm-up results; published with the register. */
  readonly warm: Readonly<Record<string, 'ready' | 'failed'>>
  /** Providers that the core does not want by itself until the given moment. */
  readonly avoid: Readonly<Record<string, number>>
}

/** Who takes part and with what. */
export interface AgreementInit {
  readonly voter: VoterId
  readonly participant: string
  /** Milliseconds since 1970. */
  readonly joinedAt: number
  /** Provider ids this voter can run, its favourite first; 1 to 16 different ones. */
  readonly caps: readonly string[]
  readonly timings?: Partial<AgreementTimings>
  readonly view: View
  /** What this voter had published last before its page was refreshed; it goes on from there, as after a sleep. */
  readonly kept?: Register | null
}

/**
 * A voter that has heard nothing yet.
 *
 * @throws Error - no provider, too many, or one twice; the shell validates options before.
 */
export function createAgreement(init: AgreementInit): AgreementState {
  const isUsable = init.caps.length >= 1 && init.caps.length <= PROVIDERS_MAX
  if (!isUsable || new Set(init.caps).size !== init.caps.length)
    throw new Error(`a voter needs 1 to ${PROVIDERS_MAX} different providers`)
  const { now } = init.view
  const kept = init.kept ?? null
  return {
    phase: kept ? 'active' : 'listening',
    voter: init.voter,
    participant: init.participant,
    joinedAt: kept?.joinedAt ?? init.joinedAt,
    caps: init.caps,
    timings: { ...AGREEMENT_DEFAULTS, ...init.timings },
    // Its connections did not survive.
    register: kept && { ...kept, warm: {} },
    wakeAt: now,
    lastNow: now,
    listeningSince: now,
    wakingSince: kept ? now : null,
    hop: null,
    forkBase: null,
    pendingWant: null,
    warm: {},
    avoid: {},
    ...FRESH_TIMERS,
  }
}

/** What is forgotten when a voter enters a lineage. */
export const FRESH_TIMERS = {
  arrived: [],
  outrankedSince: null,
  lonelySince: null,
  roundSince: null,
  candidateSince: null,
  seated: null,
  isAppWant: false,
  wantSince: null,
} as const
