/**
 * Passing on what others wrote. y-webrtc sends every change it hears to everybody it is linked with, in the
 * turn in which it was heard: in a mesh of n pages n times n messages for each change, at the very moment when this
 * page should verify and vote. Own changes go out at once; those of others later and merged, to a few: soon while some
 * page does not reach all others, else once a second.
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

/** What {@link delayGossip} needs. */
export interface GossipOptions {
  readonly clock: Clock
  readonly yjs: Pick<typeof Yjs, 'mergeUpdates'>
  /** Whether everybody reaches everybody. */
  readonly isWhole: () => boolean
  /** Whether a page does not reach all others, as far as is known. */
  readonly isInNeed: (id: string) => boolean
  /** Pages with an open channel. */
  readonly neighbours: () => readonly string[]
  /** Runs `send`, during which the room sends to these neighbours only. */
  readonly within: (ids: readonly string[], send: () => void) => void
}

/** Takes the place of a room's handlers; call it before the room connects. Returns what ends it. */
export function delayGossip(room: SendingRoom, options: GossipOptions): () => void {
  const { clock, isWhole, neighbours } = options
  const sendUpdate = room._docUpdateHandler
  const sendStates = room._awarenessUpdateHandler
  const updates: Uint8Array[] = []
  const states = new Set<number>()
  let last: Parameters<SendingRoom['_docUpdateHandler']> | null = null
  const toSome = (send: () => void): void =>
    options.within(chooseFew(neighbours(), options.isInNeed, Math.random), send)
  const passUpdates = createDelay(clock, () =>
    toSome(() => {
      if (last !== null) sendUpdate(options.yjs.mergeUpdates(updates.splice(0)), last[1], last[2], last[3])
    }),
  )
  const passStates = createDelay(clock, () => {
    const updated = [...states]
    states.clear()
    // Presence is said anew by its page; only who does not hear that page needs it from us.
    if (!isWhole()) toSome(() => sendStates({ added: [], updated, removed: [] }, null))
  })
  room._docUpdateHandler = (...change) => {
    const [update, , , transaction] = change
    if (transaction.local) return sendUpdate(...change)
    last = change
    updates.push(update)
    passUpdates.start(isWhole() ? CHECK_EVERY_MS : PASS_ON_AFTER_MS)
  }
  room._awarenessUpdateHandler = (changed, origin) => {
    if (origin === LOCAL_ORIGIN) return sendStates(changed, origin)
    for (const id of [...changed.added, ...changed.updated, ...changed.removed]) states.add(id)
    passStates.start(neighbours().length > FEW ? GATHER_MS : PASS_ON_AFTER_MS)
  }
  return () => {
    passUpdates.end()
    passStates.end()
  }
}

/** Who is told what others wrote: whoever needs it, before others, and not more than {@link FEW}. */
export function chooseFew(
  ids: readonly string[],
  isInNeed: (id: string) => boolean,
  random: () => number,
): readonly string[] {
  return ids
    .map((id) => ({ id, rank: random() + (isInNeed(id) ? 0 : 1) }))
    .sort((one, other) => one.rank - other.rank)
    .slice(0, FEW)
    .map(({ id }) => id)
}

/** A task that is run once, some time after it was asked for first. */
function createDelay(clock: Clock, task: () => void): { start(ms: number): void; end(): void } {
  let cancel: (() => void) | null = null
  return {
    start(ms) {
      cancel ??= clock.after(ms, () => {
        cancel = null
        task()
      })
    },
    end: () => cancel?.(),
  }
}

/** The origin that y-protocols gives to changes of the own state. */
const LOCAL_ORIGIN = 'local'
/** In a turn of its own: what this page does with the change itself comes first, and a burst becomes one message. */
const PASS_ON_AFTER_MS = 1
/** With many neighbours their heartbeats come all the time; four messages a second carry them all. */
const GATHER_MS = 250
/** Everybody reaches everybody: what is passed on only mends what a dying channel lost. */
const CHECK_EVERY_MS = 1000
/** If each page tells four others, all of a room hear of it, and a message costs the room 4 n instead of n * n. */
const FEW = 4
