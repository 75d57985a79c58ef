/**
 * Who offers and when an attempt is dead: the rules that y-webrtc lacks. Stock y-webrtc lets both ends offer
 * after a failure and then wedges for ever; here the page with the greater id always offers, every attempt
 * has an id, and announcements say which links their sender has, so that a link that died at one end only is
 * given up at the other. Pure.
 */

/** A connection to another page as this page has it. */
export interface AttemptFacts {
  readonly isConnected: boolean
  readonly attempt: string
  /** Since it was connected, else since it was begun. */
  readonly ageMs: number
}

/** What an announcement says of its sender. */
export interface AnnounceFacts {
  /** Pages that the sender has a live link with. */
  readonly linked: readonly string[]
  /** Pages that the sender is trying to reach, linked ones included. */
  readonly trying: readonly string[]
}

/** What to do with a signaling message. */
export interface Advice {
  /** Give the present connection up first. */
  readonly drop: boolean
  /** Ask the sender to offer. */
  readonly hello: boolean
  /** Hand the message to y-webrtc. */
  readonly pass: boolean
}

/** Whether `own` is the page that offers to `other`. */
export function isOfferer(own: string, other: string): boolean {
  return own > other
}

/** Advice on an announcement of `from`; `patience` stretches the limits where much is under way. */
export function adviseOnAnnounce(
  own: string,
  from: string,
  announce: AnnounceFacts,
  present: AttemptFacts | null,
  patience = 1,
): Advice {
  const begin = isOfferer(own, from) ? { hello: false, pass: true } : { hello: true, pass: false }
  if (present === null) return { drop: false, ...begin }
  const isKnownThere = (present.isConnected ? announce.linked : announce.trying).includes(own)
  // A busy page has the connection and has not got round to answering on it: its own watchdog looks after that.
  const isOpenThere = present.isConnected && announce.trying.includes(own)
  const knownGraceMs = isOpenThere ? GIVE_UP_AFTER_MS : CONNECTED_GRACE_MS
  const graceMs = present.isConnected ? knownGraceMs : ATTEMPT_GRACE_MS
  if (isKnownThere || present.ageMs < graceMs * patience) return NOTHING
  return { drop: true, ...begin }
}

/** Advice on a description or candidate of `from`. */
export function adviseOnSignal(
  own: string,
  from: string,
  kind: 'offer' | 'answer' | 'candidate',
  attempt: string,
  present: AttemptFacts | null,
): Advice {
  if (kind === 'offer') {
    if (isOfferer(own, from)) return NOTHING
    // Another attempt id means that the offerer has given the present connection up.
    return { drop: present !== null && present.attempt !== attempt, hello: false, pass: true }
  }
  const isOfPresent = present !== null && present.attempt === attempt
  const isWanted = kind === 'candidate' || isOfferer(own, from)
  return { drop: false, hello: false, pass: isOfPresent && isWanted }
}

/** What the watchdog knows of a connection. */
export interface WatchFacts {
  readonly isConnected: boolean
  readonly ageMs: number
  /** How long a probe has been without an answer. */
  readonly silentMs: number
  readonly hasRestarted: boolean
  readonly isOfferer: boolean
  /** Signaling works here, without which nothing can be built anew. */
  readonly canSignal: boolean
  /** Stretches all limits. Default 1. */
  readonly patience?: number
}

/** What the watchdog does: nothing, ICE anew on the same connection, or a new connection. */
export function adviseOnSilence(facts: WatchFacts): 'wait' | 'restart' | 'drop' {
  const { patience = 1 } = facts
  if (!facts.isConnected) return facts.ageMs > CONNECT_MAX_MS * patience ? 'drop' : 'wait'
  const silentMs = facts.silentMs / patience
  // It may come back by itself, and nothing else would.
  if (!facts.canSignal || silentMs < RESTART_AFTER_MS) return 'wait'
  if (silentMs > GIVE_UP_AFTER_MS) return 'drop'
  return facts.isOfferer && !facts.hasRestarted ? 'restart' : 'wait'
}

const NOTHING: Advice = { drop: false, hello: false, pass: false }
/** An announcement may have left just before its sender saw the link come up. */
const CONNECTED_GRACE_MS = 3000
/** An announcement may have left just before its sender heard of the attempt. */
const ATTEMPT_GRACE_MS = 1500
/** ICE on a slow network takes some seconds; simple-peer itself waits for ever. */
const CONNECT_MAX_MS = 8000
/** Silence is noticed after 2.5 s; a hiccup of a second more is no reason to begin anew. */
const RESTART_AFTER_MS = 3500
/** A restart has had its time by then. The stack gives up after 16 s. */
const GIVE_UP_AFTER_MS = 10_000
