/**
 * Ways to repair, as data: what each can handle, how far it reaches, what it is expected to cost, when it may not
 * run, whether it can be undone and what proves that it worked. The hands that carry them out are in `repair/`;
 * who chooses among those that are allowed is the engine. Pure.
 */
import { THEIR_DEVICE } from '../health/alert.js'
import type { Incident, IncidentKind } from './incident.js'
import type { Assumed } from './knowledge.js'

/** Every built-in strategy, in fixed priority: the one that disturbs least comes first. */
export const STRATEGY_IDS = [
  'refresh-token',
  'key-frame',
  'resync-gentle',
  'resync-medium',
  'quality-down',
  'audio-only',
  'quality-up',
  'reacquire-device',
  'resync-full',
  'rebuild-receive',
  'rebuild-control-plane',
  'ice-restart',
  'reconnect',
  'codec-change',
  'relay-only',
  'switch-provider',
  'wait',
  'ask-user',
] as const

/** One of {@link STRATEGY_IDS}. */
export type StrategyId = (typeof STRATEGY_IDS)[number]

/** What is disturbed: nothing, one track, one connection of ours, all that we send or receive, everybody's call. */
export type Reach = 'none' | 'track' | 'connection' | 'me' | 'call'

/**
 * What ends a run as a success. `media`: what flowed before flows again, by frames and packets. `incident`: besides,
 * the incident is over, because media flowed all the time. `action`: it was done and media still flows.
 */
export type Proof = 'media' | 'incident' | 'action'

/** What a strategy is run upon; plain data, so that it can be kept and told. */
export interface Target {
  readonly incidentId: string
  readonly kind: IncidentKind
  /** The provider that the incident is about, usually the agreed one. */
  readonly provider: string
  /** Connection of this page; null means the one that carries the call. */
  readonly connectionId: string | null
  /** Whose media as received here; null where it is our own side or the whole connection. */
  readonly peer: string | null
  readonly media: 'audio' | 'video' | null
  /** The number behind the incident, e.g. the drift of a sync loss in milliseconds; null where there is none. */
  readonly value: number | null
}

/** What can be done to a target right now, as the hands see it. */
export interface Abilities {
  /** A connection is there and connected. */
  readonly isConnected: boolean
  /** Its media arrives or leaves at all; a dead path wants a path repair, not a finer picture. */
  readonly isFlowing: boolean
  readonly keyFrame: boolean
  readonly iceRestart: boolean
  readonly resubscribe: boolean
  /** It goes on being heard and seen until its successor is there. */
  readonly resubscribesBeside: boolean
  readonly codecs: boolean
  readonly renewToken: boolean
  /** A TURN server is configured, the adapter takes a policy and the connection is not relayed by it already. */
  readonly relayOnly: boolean
  /** Receivers take a wanted length of their jitter buffer. */
  readonly jitterBuffer: boolean
  /** Some of them were given one, so that there is something to take back. */
  readonly isHeldBack: boolean
  /** Steps of quality taken down so far; 0 is full quality. */
  readonly qualityStep: number
  /** Steps there are; 0 where the adapter cannot limit what is sent. The last is sound alone. */
  readonly qualitySteps: number
  /** Our device behind the target ended by itself, is not muted and may be asked for again without a prompt. */
  readonly device: 'fine' | 'lost' | 'muted' | 'needs-person'
  /** The document has links that can be built anew. */
  readonly controlPlane: boolean
}

/** What is known when strategies are considered. */
export interface Situation {
  readonly can: Abilities
  readonly isOnline: boolean
  /** The whole call is moving: nothing else is touched. */
  readonly isSwitching: boolean
  /** The own path is being repaired by the loop that does only that. */
  readonly isPathRepairing: boolean
  /** The provider everybody would go to; null when none is believed to work. */
  readonly next: string | null
  /** The provider itself is at fault, or a person with the role for it asked: only then may everybody move. */
  readonly mayMoveCall: boolean
  /** The number behind the incident, e.g. the drift of a sync loss in milliseconds; null where there is none. */
  readonly value: number | null
  /** Strategies that were run for this incident, oldest first. */
  readonly tried: readonly string[]
}

/** A strategy as the engine sees it. */
export interface StrategySpec {
  /** A {@link StrategyId}, or the id of an app's own. */
  readonly id: string
  readonly handles: readonly IncidentKind[]
  readonly reach: Reach
  /** What is assumed until something is known. */
  readonly assumed: Required<Assumed>
  /** A run that is not proven by then has failed. */
  readonly timeoutMs: number
  /** It works the first time or not at all. */
  readonly isOncePerIncident: boolean
  readonly hasUndo: boolean
  readonly proof: Proof
  /** Why it may not run now, as a stable key; null when it may. */
  guard(situation: Situation, incident: Incident): string | null
}

/** Why a strategy is not among the allowed. */
export interface Refusal {
  readonly strategy: string
  /** Stable key, e.g. `already-tried`. */
  readonly why: string
}

/** What {@link strategiesFor} found. */
export interface Allowed {
  /** In fixed priority. */
  readonly specs: readonly StrategySpec[]
  /** Those that handle the kind and may not run now. */
  readonly refused: readonly Refusal[]
}

/** The strategies that may be run for an incident now, in the order of `specs`. */
export function strategiesFor(
  incident: Incident,
  situation: Situation,
  specs: readonly StrategySpec[],
): Allowed {
  const allowed: StrategySpec[] = []
  const refused: Refusal[] = []
  for (const spec of specs) {
    if (!spec.handles.includes(incident.kind)) continue
    const why = refusalOf(spec, incident, situation)
    if (why === null) allowed.push(spec)
    else refused.push({ strategy: spec.id, why })
  }
  return { specs: allowed, refused }
}

function refusalOf(spec: StrategySpec, incident: Incident, situation: Situation): string | null {
  if (spec.isOncePerIncident && situation.tried.includes(spec.id)) return 'already-tried'
  // A camera or microphone that is gone is gone in every way of receiving it.
  if (spec.reach !== 'none' && isTheirDevice(incident)) return 'not-our-device'
  // One person's trouble is repaired at that person (promise P04): the call stays where it is.
  if (spec.reach === 'call' && !situation.mayMoveCall) return 'not-everybodys-trouble'
  const isTouching = spec.reach !== 'none' && spec.reach !== 'call'
  if (isTouching && situation.isSwitching) return 'switching'
  if (isTouching && !situation.isOnline && spec.id !== 'reacquire-device') return 'offline'
  return spec.guard(situation, incident)
}

function isTheirDevice({ about, evidence }: Incident): boolean {
  return about?.type === 'peer' && evidence.includes(THEIR_DEVICE)
}
