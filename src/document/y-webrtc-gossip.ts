/**
 * Passing on what others wrote. y-webrtc sends every change it hears to everybody it is linked with, in the
 * turn in which it was heard: in a full mesh that is work without use at the very moment when this page should
 * verify and vote. Own changes go out at once; those of others later and merged: soon while some page does not
 * reach all others, else once a second.
 */
import type * as Yjs from 'yjs'
import type { Clock } from '../clock.js'

/** The handlers of y-webrtc's room that send changes. */
export interface SendingRoom {
  _docUpdateHandler: (update: Uint8Array, origin: unknown, doc: Yjs.Doc, change: Yjs.Transaction) => void
  _awarenessUpdateHandler: (changed: AwarenessChange, origin: unknown) => void
}

/** Ids of changed awareness states. */
export interface AwarenessChange {
  readonly added: readonly number[]
  readonly updated: readonly number[]
  readonly removed: readonly number[]
}

/** Takes the place of a room's handlers; call it before the room connects. Returns what ends it. */
export function delayGossip(
  room: SendingRoom,
  clock: Clock,
  merge: (updates: Uint8Array[]) => Uint8Array,
  isWhole: () => boolean,
): () => void {
  const sendUpdate = room._docUpdateHandler
  const sendStates = room._awarenessUpdateHandler
  const updates: Uint8Array[] = []
  const states = new Set<number>()
  let last: Parameters<SendingRoom['_docUpdateHandler']> | null = null
  let cancel: (() => void) | null = null

  const passOn = (): void => {
    cancel = null
    if (last !== null && updates.length > 0) sendUpdate(merge(updates.splice(0)), last[1], last[2], last[3])
    // Presence is said anew by its page; only who does not hear that page needs it from us.
    if (states.size > 0 && !isWhole()) sendStates({ added: [], updated: [...states], removed: [] }, null)
    states.clear()
  }
  const passOnSoon = (): void => {
    cancel ??= clock.after(isWhole() ? CHECK_EVERY_MS : PASS_ON_AFTER_MS, passOn)
  }
  room._docUpdateHandler = (...change) => {
    const [update, , , transaction] = change
    if (transaction.local) return sendUpdate(...change)
    last = change
    updates.push(update)
    passOnSoon()
  }
  room._awarenessUpdateHandler = (changed, origin) => {
    if (origin === LOCAL_ORIGIN) return sendStates(changed, origin)
    for (const id of [...changed.added, ...changed.updated, ...changed.removed]) states.add(id)
    passOnSoon()
  }
  return () => cancel?.()
}

/** The origin that y-protocols gives to changes of the own state. */
const LOCAL_ORIGIN = 'local'
/** In a turn of its own: what this page does with the change itself comes first, and a burst becomes one message. */
const PASS_ON_AFTER_MS = 1
/** Everybody reaches everybody: what is passed on only mends what a dying channel lost. */
const CHECK_EVERY_MS = 1000
