/**
 * The document of one simulated page, put together from production parts: a Y.Doc, the register store with its
 * signatures and fold, and the relay link that syncs documents. Signing takes a moment in which the world goes on.
 */
import type { Awareness } from 'y-protocols/awareness'
import * as protocol from 'y-protocols/awareness'
import * as yjs from 'yjs'
import type { AgreementDocument } from '../../../src/call/agreement-loop.js'
import type { Clock } from '../../../src/clock.js'
import type { VoterId } from '../../../src/consensus/record.js'
import type { Register } from '../../../src/consensus/register.js'
import type { DocumentEvents } from '../../../src/document/contract.js'
import type { Identity } from '../../../src/document/identity.js'
import { createRegisterStore, type RegisterStore } from '../../../src/document/register-store.js'
import { type RelayLink, startRelayLink } from '../../../src/document/relay-link.js'
import type { BusMessage } from '../../../src/document/room-envelope.js'
import { createEmitter, type Emitter } from '../../../src/events.js'
import type { Random } from '../random.js'
import type { Signatures } from './signatures.js'

/** The room's name; signatures cover it. */
export const ROOM = 'simulated'

/** What {@link openPageDocument} needs. */
export interface PageDocumentOptions {
  readonly id: number
  readonly clock: Clock
  readonly random: Random
  readonly signatures: Signatures
  readonly identity: Identity
  /** What the page before had written, when this one continues it. */
  readonly kept: Register | null
  readonly send: (to: number | null, message: BusMessage) => void
  /** Asynchronous work may have begun. */
  readonly touch: () => void
  readonly isLive: (voter: VoterId) => boolean
  readonly heardAt: (voter: VoterId) => number
  readonly hasHeard: () => boolean
  /** A register now stands in the document. */
  readonly onWritten: (register: Register) => void
  readonly onHop: () => void
  readonly onBroken: (what: string) => void
}

/** The document of one page. */
export interface PageDocument {
  readonly doc: yjs.Doc
  readonly map: yjs.Map<unknown>
  readonly store: RegisterStore
  readonly relay: RelayLink
  readonly events: Emitter<DocumentEvents>
  readonly identity: Identity
  /** What the loop works on. */
  readonly document: AgreementDocument
  receive(message: BusMessage): void
  /** Writes nothing from now on; what was written last, for the page that follows. */
  seal(): Register | null
  /** Nothing was there to be left. */
  unseal(): void
}

/** The socket to the signaling server opens. */
const OPEN_MS = [5, 80] as const
/** As long as production waits for the first answer (document/room-links.ts). */
const FIRST_ANSWER_MS = 250
const SIGN_MS = [0, 6] as const
const SWEEP_EVERY_MS = 1000

/** Opens the document and its link. */
export function openPageDocument(options: PageDocumentOptions): PageDocument {
  const { id, clock, random, send, touch } = options
  const events = createEmitter<DocumentEvents>()
  const doc = new yjs.Doc()
  doc.clientID = random.between(1, 2 ** 31)
  const map = doc.getMap('registers')
  const store = createRegisterStore({
    map,
    room: ROOM,
    clock,
    reject: ignore,
    verify: options.signatures.verify,
    isLive: options.isLive,
    heardAt: options.heardAt,
    onChange: coalesced(() => {
      checkFold()
      events.emit('registers', undefined)
    }),
  })
  const checkFold = foldWatch(store, options.onBroken)
  const onChange = coalesced(() => events.emit('link', undefined))
  const relay = startRelayLink({
    ...{ doc, yjs, protocol, clock, onChange },
    awareness: NO_AWARENESS,
    settled: store.settled,
    random: random.next,
    onBye: ignore,
    reject: ignore,
    send: (kind, to, body) => send(to === null ? null : Number(to), { kind, from: String(id), body }),
  })
  let openedAtMs = Number.POSITIVE_INFINITY
  clock.after(random.between(...OPEN_MS), () => {
    openedAtMs = clock.now()
    relay.greet()
    clock.after(FIRST_ANSWER_MS, onChange)
  })
  every(clock, SWEEP_EVERY_MS, () => {
    relay.sweep()
    store.sweep()
  })
  const own = ownVoter(options, store, map)
  return {
    ...{ doc, map, store, relay, events },
    get identity() {
      return own.identity
    },
    seal: own.seal,
    unseal: own.unseal,
    document: {
      on: events.on,
      kept: options.kept,
      get voter() {
        return own.identity.voter
      },
      registers: () => store.registers,
      publish: own.publish,
      hop: own.hop,
      get isSyncing() {
        return relay.isSyncing || !(clock.now() >= openedAtMs + FIRST_ANSWER_MS)
      },
      get hasHeardPeer() {
        return options.hasHeard() || relay.pages.size > 0
      },
    },
    receive(message) {
      touch()
      relay.receive(message)
    },
  }
}

/** Calls `task` for ever. */
export function every(clock: Clock, everyMs: number, task: () => void): void {
  clock.after(everyMs, () => {
    task()
    every(clock, everyMs, task)
  })
}

function ownVoter(options: PageDocumentOptions, store: RegisterStore, map: yjs.Map<unknown>) {
  const { clock, random, touch, signatures, kept } = options
  const slow = (identity: Identity): Identity => ({
    ...identity,
    sign: (bytes) =>
      new Promise((resolve) => {
        clock.after(random.between(...SIGN_MS), () => {
          touch()
          resolve(identity.sign(bytes))
        })
      }),
  })
  let identity = options.identity
  let own = store.own(slow(identity), kept ?? undefined)
  const onWay = new Map<string, Register>()
  map.observe((event, transaction) => {
    const written = transaction.local && event.keysChanged.has(identity.voter) ? map.get(identity.voter) : null
    const register = onWay.get(`${identity.voter}/${seqOf(written)}`)
    if (register) options.onWritten(register)
  })
  const publish = async (register: Register): Promise<void> => {
    touch()
    onWay.set(`${register.voter}/${register.seq}`, register)
    await own.publish(register)
  }
  // Shown again under the same seq: those who forgot it in the meantime need it (document/own-voter.ts).
  if (kept !== null) void publish(kept).catch(ignore)
  return {
    get identity() {
      return identity
    },
    publish,
    seal: () => own.seal(),
    unseal: () => own.unseal(),
    async hop(): Promise<VoterId> {
      touch()
      const fresh = await signatures.mint()
      own.abandon()
      identity = fresh
      own = store.own(slow(fresh))
      options.onHop()
      return fresh.voter
    },
  }
}

function seqOf(written: unknown): string | undefined {
  return typeof written === 'string' ? /\{"q":(\d+)/.exec(written)?.[1] : undefined
}

/** A reader never goes back behind what it has read; what was swept out counts as never read. */
function foldWatch(store: RegisterStore, onBroken: (what: string) => void): () => void {
  const seen = new Map<VoterId, number>()
  return () => {
    for (const voter of seen.keys()) if (!store.registers.has(voter)) seen.delete(voter)
    for (const { voter, seq } of store.registers.values()) {
      if (seq < (seen.get(voter) ?? 0)) onBroken(`the fold went back to ${seq} for ${voter}`)
      seen.set(voter, seq)
    }
  }
}

/** At most one call per turn, as in production (document/page-room.ts). */
function coalesced(task: () => void): () => void {
  let isWaiting = false
  return () => {
    if (isWaiting) return
    isWaiting = true
    queueMicrotask(() => {
      isWaiting = false
      task()
    })
  }
}

function ignore(): void {
  // Reports of what was refused and goodbyes of links; pages are judged by what they do.
}

/** Heartbeats travel beside the document (heartbeats.ts); the relay's own presence stays empty. */
const NO_AWARENESS = {
  clientID: 0,
  getStates: () => new Map(),
  on: ignore,
  off: ignore,
} as unknown as Awareness
