/**
 * Registers between the Y.Map and the fold: reads what changed, verifies each distinct value once, folds it,
 * and writes the own registers. The map is only a carrier: a deleted or overwritten entry of somebody else
 * changes nothing here, and an own entry that was touched by others is written again.
 */
import type * as Y from 'yjs'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Register, Registers } from '../consensus/register.js'
import { HoldfastError } from '../errors.js'
import { createFold, type FoldOptions } from './fold.js'
import type { Identity } from './identity.js'
import { encodeRegister } from './register-body.js'
import { readRegister, signRegister } from './register-wire.js'
import type { Reject } from './rejections.js'

/** The registers of one document. */
export interface RegisterStore {
  readonly registers: Registers
  /** Opens the entry of one own voter. */
  own(identity: Identity): OwnRegister
  close(): void
}

/** The one entry that an own voter writes. */
export interface OwnRegister {
  publish(register: Register): Promise<void>
  /** Deletes the entry; this voter never writes again. */
  abandon(): void
  /** Stops defending the entry and leaves it where it is. */
  release(): void
}

/** What {@link createRegisterStore} needs. */
export interface RegisterStoreOptions extends FoldOptions {
  readonly map: Y.Map<unknown>
  readonly room: string
  readonly clock: Clock
  readonly onChange: () => void
  readonly reject: Reject
}

/** Starts reading the map. */
export function createRegisterStore(options: RegisterStoreOptions): RegisterStore {
  const { map, room, clock, reject } = options
  const fold = createFold(options)
  const owned = new Map<VoterId, { value: string | null; isDefending: boolean }>()
  const readValues = new Map<string, unknown>()
  const dirty = new Set<string>(map.keys())
  let isClosed = false
  let isDraining = false

  const readOne = async (key: string): Promise<boolean> => {
    const value = map.get(key)
    if (value === undefined || readValues.get(key) === value) return false
    if (readValues.size >= READ_VALUES_MAX) readValues.delete([...readValues.keys()][0] ?? '')
    readValues.delete(key)
    readValues.set(key, value)
    const reading = await readRegister(key, value, room)
    if ('problem' in reading) {
      reject(reading.problem, key)
      return false
    }
    const outcome = fold.accept(reading.register, reading.content)
    if (outcome === 'equivocated') reject('register-forged', key)
    return outcome === 'changed' || outcome === 'equivocated'
  }

  const drain = async (): Promise<void> => {
    if (isDraining) return
    isDraining = true
    while (dirty.size > 0 && !isClosed) {
      const batch = [...dirty].slice(0, BATCH_MAX)
      for (const key of batch) dirty.delete(key)
      const hasChanged = await Promise.all(batch.filter((key) => !owned.has(key)).map(readOne))
      if (hasChanged.includes(true) && !isClosed) options.onChange()
    }
    isDraining = false
  }

  const defend = (voter: VoterId): void => {
    const entry = owned.get(voter)
    if (!entry || entry.isDefending || entry.value === null || map.get(voter) === entry.value) return
    entry.isDefending = true
    clock.after(DEFEND_EVERY_MS, () => {
      entry.isDefending = false
      if (isClosed || owned.get(voter) !== entry || map.get(voter) === entry.value) return
      map.set(voter, entry.value)
      reject('register-invalid', voter)
    })
  }

  const observe = (event: Y.YMapEvent<unknown>): void => {
    for (const key of event.keysChanged) {
      if (owned.has(key)) defend(key)
      else dirty.add(key)
    }
    // A microtask later, so that one turn's changes are one batch.
    queueMicrotask(() => void drain())
  }
  map.observe(observe)
  void drain()

  const own = (identity: Identity): OwnRegister => {
    const { voter } = identity
    const entry: { value: string | null; isDefending: boolean } = { value: null, isDefending: false }
    owned.set(voter, entry)
    let last: { seq: number; content: string } | null = null
    let queue: Promise<void> = Promise.resolve()
    const write = async (register: Register): Promise<void> => {
      const content = encodeRegister(register)
      if (last?.content === content) return
      // Two contents under one seq would make the others exclude this voter for good.
      if (register.voter !== voter || (last !== null && register.seq <= last.seq))
        throw new HoldfastError('register-invalid', {
          message: 'A register must have its own voter and a higher seq.',
        })
      const value = await signRegister(register, identity, room)
      if (isClosed || owned.get(voter) !== entry) throw new HoldfastError('closed')
      last = { seq: register.seq, content }
      entry.value = value
      map.set(voter, value)
      if (fold.accept(register, content) === 'changed') options.onChange()
    }
    return {
      publish(register) {
        const done = queue.then(() => write(register))
        queue = done.catch(() => {
          // The caller holds `done` and hears of the failure there; the queue only keeps the order.
        })
        return done
      },
      abandon() {
        owned.delete(voter)
        map.delete(voter)
      },
      release() {
        owned.delete(voter)
      },
    }
  }

  return {
    get registers() {
      return fold.registers
    },
    own,
    close() {
      isClosed = true
      map.unobserve(observe)
    },
  }
}

/** Verifications in flight at once; more would only queue inside WebCrypto. */
const BATCH_MAX = 32
/** Values remembered as read; twice the shadow's bound. */
const READ_VALUES_MAX = 512
/** Two writers fighting over one key settle at four writes a second. */
const DEFEND_EVERY_MS = 250
