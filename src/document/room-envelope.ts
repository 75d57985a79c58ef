/**
 * Messages between pages as they travel, whatever carries them: addressed, numbered, stamped, in parts where they are
 * long, and sealed when the room has a password. Repeats from a second way are dropped, and so is what a stalled
 * connection delivers late. Senders are not authenticated.
 */
import * as v from 'valibot'
import type { Clock } from '../clock.js'
import type { Json } from '../json.js'
import { createIntake } from './intake.js'
import { createJoiner, splitMessage } from './message-parts.js'
import type { Reject } from './rejections.js'
import type { Seal } from './seal.js'

/** A message between pages. */
export interface BusMessage {
  readonly kind: string
  /** Page id of the sender, as it claims. */
  readonly from: string
  readonly body: unknown
}

/** Packs and unpacks messages of one page on one way. */
export interface Envelopes {
  /** Packs for one page, or for all when `to` is null. */
  send(kind: string, to: string | null, body: Json): void
  /** Unpacks what another page has packed; anything else is passed over. */
  receive(data: unknown): void
  /** Nothing is received any more; `then` is called when everything has been sent. */
  close(then: () => void): void
}

/** What {@link createEnvelopes} needs. */
export interface EnvelopesOptions {
  readonly page: string
  readonly seal: Seal | null
  readonly clock: Clock
  readonly onMessage: (message: BusMessage) => void
  /** Carries a packed message to one page, or to all when `to` is null; who gets it unasked drops it. */
  readonly publish: (data: Json, to: string | null) => void
  readonly reject: Reject
  /** Whether a page has shown itself already; strangers share one allowance. Default: nobody has. */
  readonly isKnown?: (page: string) => boolean
}

/** Makes it. */
export function createEnvelopes(options: EnvelopesOptions): Envelopes {
  const { clock, page, seal, publish } = options
  let isClosed = false
  let count = 0
  // Sealing is asynchronous; one queue keeps the order of messages.
  let outgoing: Promise<void> = Promise.resolve()
  const sendOne = (kind: string, to: string | null, body: Json): void => {
    count += 1
    const address = to === null ? {} : { to }
    const envelope = { from: page, ...address, id: count, at: Math.round(clock.now()), kind, body }
    if (seal === null) publish({ type: MESSAGE_TYPE, ...envelope }, to)
    else
      outgoing = outgoing.then(async () =>
        publish({ type: MESSAGE_TYPE, sealed: await seal.close(envelope) }, to),
      )
  }
  return {
    receive: createReceiver(options, () => isClosed),
    send(kind, to, body) {
      const parts = splitMessage({ kind, body }, count)
      if (parts === null) sendOne(kind, to, body)
      else for (const part of parts) sendOne(PART_KIND, to, part)
    },
    close(then) {
      isClosed = true
      void outgoing.then(then)
    },
  }
}

function createReceiver(options: EnvelopesOptions, isClosed: () => boolean): (data: unknown) => void {
  const { clock, page, seal, reject } = options
  const isFresh = createFreshness(clock)
  const mayHear = createIntake({ ...options, isKnown: options.isKnown ?? (() => false) })
  // Who has sealed a message is known only when it has been opened, which costs more than anything else here.
  const mayOpen = createIntake({ ...options, isKnown: () => false })
  const join = createJoiner()
  // Opening is asynchronous; one queue keeps the order of messages.
  let incoming: Promise<void> = Promise.resolve()
  const receive = (envelope: unknown): void => {
    if (isClosed()) return
    const parsed = v.safeParse(ENVELOPE, envelope)
    if (!parsed.success) {
      reject('signaling-garbage', 'signaling')
      return
    }
    const { from, to, id, at, kind, body } = parsed.output
    if (from === page || (to !== undefined && to !== page) || !isFresh(from, id, at)) return
    if (!mayHear(from, body)) return
    if (kind !== PART_KIND) {
      options.onMessage({ kind, from, body })
      return
    }
    const joined = v.safeParse(JOINED, join(from, body))
    if (joined.success) options.onMessage({ ...joined.output, from })
  }
  const open = (envelope: unknown): void => {
    if (envelope === null) reject('wrong-password', 'room')
    else receive(envelope)
  }
  return (data) => {
    if (typeof data !== 'object' || data === null || (data as { type?: unknown }).type !== MESSAGE_TYPE) return
    const { sealed } = data as { sealed?: unknown }
    if (seal === null && sealed === undefined) receive(data)
    else if (seal === null) reject('wrong-password', 'room')
    else if (mayOpen('room', sealed)) incoming = incoming.then(async () => open(await seal.open(sealed)))
  }
}

/**
 * Whether a message is new and not late. Lateness is judged against the quickest message of the same sender,
 * so that wrong clocks on either side do not matter.
 */
function createFreshness(clock: Clock): (from: string, id: number, at: number) => boolean {
  const senders = new Map<string, { offsetMs: number; ids: Set<number> }>()
  return (from, id, at) => {
    const offsetMs = clock.now() - at
    const sender = senders.get(from) ?? { offsetMs, ids: new Set<number>() }
    if (!senders.has(from) && senders.size >= SENDERS_MAX) senders.delete([...senders.keys()][0] ?? '')
    senders.set(from, sender)
    sender.offsetMs = Math.min(sender.offsetMs, offsetMs)
    if (sender.ids.has(id) || offsetMs - sender.offsetMs > LATE_AFTER_MS) return false
    sender.ids.add(id)
    if (sender.ids.size > IDS_MAX) sender.ids.delete([...sender.ids][0] ?? 0)
    return true
  }
}

/** What y-webrtc's stock client and server pass over. */
const MESSAGE_TYPE = 'holdfast'
/** Carries a part of a message that is too long for one frame. */
const PART_KIND = 'part'
/** What was under way while a link was down is about a situation that has passed. */
const LATE_AFTER_MS = 10_000
/** Repeats come from a second server, within a second or two. */
const IDS_MAX = 512
/** Pages remembered; the oldest is forgotten first. */
const SENDERS_MAX = 256

const pageId = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const kind = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const JOINED = v.object({ kind, body: v.unknown() })
const ENVELOPE = v.object({
  from: pageId,
  to: v.optional(pageId),
  id: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  at: v.pipe(v.number(), v.finite()),
  kind,
  body: v.unknown(),
})
