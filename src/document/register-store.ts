/**
 * Registers between the Y.Map and the fold: reads what changed, verifies each distinct value once and folds
 * it. The map is only a carrier: a deleted or overwritten entry of somebody else changes nothing here.
 */
import type * as Y from 'yjs'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Registers } from '../consensus/register.js'
import { createFold, type FoldOptions } from './fold.js'
import type { Identity } from './identity.js'
import { createOwnRegister, type DefendedRegister, type OwnRegister } from './own-register.js'
import { readRegister, type Verify } from './register-wire.js'
import type { Reject } from './rejections.js'

/** The registers of one document. */
export interface RegisterStore {
  readonly registers: Registers
  /** Opens the entry of one own voter. */
  own(identity: Identity): OwnRegister
  /** Resolves when everything in the map now has been verified and folded. */
  settled(): Promise<void>
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
}

/** Starts reading the map. */
export function createRegisterStore(options: RegisterStoreOptions): RegisterStore {
  const { map, room, clock, reject, onChange } = options
  const fold = createFold(options)
  const owned = new Map<VoterId, DefendedRegister>()
  const readValues = new Map<string, unknown>()
  const dirty = new Set<string>()
  let isClosed = false
  let draining: Promise<void> | null = null

  const readOne = async (key: string): Promise<boolean> => {
    const value = map.get(key)
    if (owned.has(key) || value === undefined || readValues.get(key) === value) return false
    if (readValues.size >= READ_VALUES_MAX) readValues.delete([...readValues.keys()][0] ?? '')
    readValues.set(key, value)
    const reading = await readRegister(key, value, room, options.verify)
    if ('problem' in reading) {
      reject(reading.problem, key)
      return false
    }
    const outcome = fold.accept(reading.register, reading.content)
    if (outcome === 'equivocated') reject('register-forged', key)
    return outcome === 'changed' || outcome === 'equivocated'
  }
  const drainAll = async (): Promise<void> => {
    while (dirty.size > 0 && !isClosed) {
      const batch = [...dirty].slice(0, BATCH_MAX)
      for (const key of batch) dirty.delete(key)
      const hasChanged = await Promise.all(batch.map(readOne))
      if (hasChanged.includes(true) && !isClosed) onChange()
    }
    draining = null
  }
  const drain = (): Promise<void> => {
    draining ??= dirty.size > 0 ? drainAll() : null
    return draining ?? Promise.resolve()
  }
  const observe = (event: Y.YMapEvent<unknown>): void => {
    for (const key of event.keysChanged) {
      const own = owned.get(key)
      if (own) own.defend()
      else dirty.add(key)
    }
    // A microtask later, so that one turn's changes are one batch.
    queueMicrotask(() => void drain())
  }
  map.observe(observe)

  return {
    get registers() {
      return fold.registers
    },
    settled: drain,
    own(identity) {
      const { voter } = identity
      const entry = createOwnRegister({
        map,
        room,
        identity,
        clock,
        onPublished(register, content) {
          if (fold.accept(register, content) === 'changed') onChange()
        },
        onDefended: () => reject('register-invalid', voter),
        onEnd: () => owned.delete(voter),
      })
      owned.set(voter, entry)
      return entry
    },
    close() {
      isClosed = true
      map.unobserve(observe)
      for (const entry of [...owned.values()]) entry.release()
    },
  }
}

/** Verifications in flight at once; more would only queue inside WebCrypto. */
const BATCH_MAX = 32
/** Values remembered as read; twice the shadow's bound. */
const READ_VALUES_MAX = 512
