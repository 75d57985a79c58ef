/**
 * Registers between the Y.Map and the call: reads what changed, folds it and shows what counts. The map is only
 * a carrier: a deleted or overwritten entry of somebody else changes nothing here. Entries that nobody needs any
 * more are deleted from it.
 */
import type * as Y from 'yjs'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Register, Registers } from '../consensus/register.js'
import { proofKey } from './equivocation.js'
import { createFold, type Fold, type FoldOptions } from './fold.js'
import { findGarbage } from './garbage.js'
import { createVerify, type Identity, type Verify } from './identity.js'
import { createOwnRegister, type DefendedRegister, type OwnRegister } from './own-register.js'
import { createPartingBook, partedBy, partingKey } from './parting-note.js'
import { createReadQueue } from './read-queue.js'
import { createRegisterReader } from './register-reader.js'
import type { Reject } from './rejections.js'

/** The registers of one document. */
export interface RegisterStore {
  /** Those that count; same identity while unchanged. */
  readonly registers: Registers
  /** Opens the entry of one own voter; `kept` is what it wrote before a refresh. */
  own(identity: Identity, kept?: Register): OwnRegister
  /** Whether the voter was caught signing two registers under one seq. */
  isExcluded(voter: VoterId): boolean
  /** Voters whose page was closed and did not come back; same identity while unchanged. */
  parted(): ReadonlySet<VoterId>
  /** Resolves when everything in the map now has been verified and folded. */
  settled(): Promise<void>
  /** The answers of `counts` may have changed. */
  recount(): void
  /** Deletes entries that nobody needs, and returns the voters that they were of; called now and then. */
  sweep(): readonly VoterId[]
  close(): void
}

/** What {@link createRegisterStore} needs. */
export interface RegisterStoreOptions extends FoldOptions {
  readonly map: Y.Map<unknown>
  readonly room: string
  readonly clock: Clock
  readonly onChange: () => void
  readonly reject: Reject
  /** Default: WebCrypto. */
  readonly verify?: Verify
  /** Whether a verified register of another page is to be seen at all. Default: every one. */
  readonly counts?: (register: Register) => boolean
  /** Reads entries that hold no register; null for all others. */
  readonly readOther?: (key: string, value: unknown) => Promise<boolean> | null
}

/** Starts reading the map. */
export function createRegisterStore(options: RegisterStoreOptions): RegisterStore {
  const { map, room, clock, onChange, reject, verify = createVerify() } = options
  const fold = createFold(options)
  const owned = new Map<VoterId, DefendedRegister>()
  const lives = createLives(clock, options.heardAt)
  const counts = (register: Register): boolean =>
    owned.has(register.voter) || (options.counts?.(register) ?? true)
  const counted = createCounted(fold, counts)
  const partings = createPartingBook(clock)
  const onParting = partings.note
  const reader = createRegisterReader({ ...options, fold, verify, onHeard: lives.hear, onParting })
  const queue = createReadQueue({
    clock,
    read: async (key) => !owned.has(key) && reader.read(key),
    isKnown: (key) => fold.registers.has(key),
    onChange,
  })
  const stopObserving = observeKeys(map, owned, queue)
  const remove = (key: string): void => {
    reader.forget(key)
    if (map.get(key) !== undefined) map.delete(key)
  }
  return {
    get registers() {
      return counted.registers
    },
    isExcluded: (voter) => fold.evidenceOf(voter) !== null,
    parted: () => partings.parted(counted.registers, options.heardAt),
    settled: queue.drain,
    recount() {
      counted.forget()
      onChange()
    },
    own(identity, kept) {
      const { voter } = identity
      const entry = createOwnRegister({
        ...{ map, room, identity, clock },
        ...(kept === undefined ? {} : { kept }),
        onPublished(register, content) {
          if (fold.accept(register, content) === 'changed') onChange()
        },
        onDefended: () => reject('register-invalid', voter),
        onEnd() {
          owned.delete(voter)
          lives.hear(voter)
        },
      })
      owned.set(voter, entry)
      return entry
    },
    sweep() {
      for (const key of [...reader.takeJunk(), ...partings.orphans(fold.registers)]) remove(key)
      const silentForMs = (voter: VoterId): number => (owned.has(voter) ? 0 : lives.silentForMs(voter))
      const gone = findGarbage(fold.registers, silentForMs, counts)
      for (const voter of gone) {
        for (const key of [voter, proofKey(voter), partingKey(voter)]) remove(key)
        fold.forget(voter)
        lives.forget(voter)
      }
      return gone
    },
    close() {
      queue.close()
      stopObserving()
      for (const entry of [...owned.values()]) entry.release()
    },
  }
}

/** Own entries are defended, also against a note that the page before has left; all others are read. */
function observeKeys(
  map: Y.Map<unknown>,
  owned: ReadonlyMap<VoterId, DefendedRegister>,
  queue: ReturnType<typeof createReadQueue>,
): () => void {
  const observe = (event: Y.YMapEvent<unknown>): void => {
    for (const key of event.keysChanged) {
      const own = owned.get(partedBy(key) ?? key)
      if (own) own.defend()
      else queue.add(key)
    }
    // A microtask later, so that one turn's changes are one batch.
    queueMicrotask(() => void queue.drain())
  }
  map.observe(observe)
  return () => map.unobserve(observe)
}

/** The part of the fold that counts, computed once for each change. */
function createCounted(
  fold: Fold,
  counts: (register: Register) => boolean,
): { readonly registers: Registers; forget(): void } {
  let from: Registers | null = null
  let registers: Registers = new Map()
  return {
    get registers() {
      if (from === fold.registers) return registers
      from = fold.registers
      const all = [...from].filter(([, register]) => counts(register))
      registers = all.length === from.size ? from : new Map(all)
      return registers
    },
    forget() {
      from = null
    },
  }
}

/** When voters were last heard, by presence or by something new in their register. */
function createLives(clock: Clock, heardAt: FoldOptions['heardAt']) {
  const wroteAtMs = new Map<VoterId, number>()
  return {
    hear: (voter: VoterId) => void wroteAtMs.set(voter, clock.now()),
    forget: (voter: VoterId) => void wroteAtMs.delete(voter),
    silentForMs(voter: VoterId): number {
      const wrote = wroteAtMs.get(voter) ?? clock.now()
      return clock.now() - Math.max(wrote, heardAt?.(voter) ?? wrote)
    },
  }
}
