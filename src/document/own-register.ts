/**
 * The one entry of the map that an own voter writes: signed in order, and written again when somebody else
 * overwrote or deleted it.
 */
import type * as Y from 'yjs'
import type { Clock } from '../clock.js'
import type { Register } from '../consensus/register.js'
import { HoldfastError } from '../errors.js'
import type { Identity } from './identity.js'
import { encodeRegister } from './register-body.js'
import { signRegister } from './register-wire.js'

/** The entry of one own voter. */
export interface OwnRegister {
  /** Rejects with `register-invalid` for a foreign voter, a repeated seq or a register that is too large. */
  publish(register: Register): Promise<void>
  /** Deletes the entry; this voter never writes again. */
  abandon(): void
  /** Stops defending the entry and leaves it where it is. */
  release(): void
}

/** An {@link OwnRegister} with what its store needs. */
export interface DefendedRegister extends OwnRegister {
  /** Somebody changed the entry. */
  defend(): void
}

/** What {@link createOwnRegister} needs. */
export interface OwnRegisterOptions {
  readonly map: Y.Map<unknown>
  readonly room: string
  readonly identity: Identity
  readonly clock: Clock
  readonly onPublished: (register: Register, content: string) => void
  /** The entry had to be written again. */
  readonly onDefended: () => void
  readonly onEnd: () => void
}

/** Makes the entry; nothing is written before the first `publish()`. */
export function createOwnRegister(options: OwnRegisterOptions): DefendedRegister {
  const { map, room, identity, clock } = options
  const { voter } = identity
  let value: string | null = null
  let last: { readonly seq: number; readonly content: string } | null = null
  let isEnded = false
  let isWaiting = false
  let queue: Promise<void> = Promise.resolve()

  const write = async (register: Register): Promise<void> => {
    const content = encodeRegister(register)
    if (last?.content === content) return
    // Two contents under one seq would make the others exclude this voter for good.
    if (register.voter !== voter || (last !== null && register.seq <= last.seq))
      throw new HoldfastError('register-invalid', {
        message: 'A register must have its own voter and a higher seq.',
      })
    const signed = await signRegister(register, identity, room)
    if (isEnded) throw new HoldfastError('closed')
    last = { seq: register.seq, content }
    value = signed
    map.set(voter, signed)
    options.onPublished(register, content)
  }
  const end = (): void => {
    isEnded = true
    options.onEnd()
  }
  return {
    publish(register) {
      const done = queue.then(() => write(register))
      queue = done.catch(() => {
        // The caller holds `done` and hears of the failure there; the queue only keeps the order.
      })
      return done
    },
    defend() {
      if (isWaiting || value === null || map.get(voter) === value) return
      isWaiting = true
      clock.after(DEFEND_EVERY_MS, () => {
        isWaiting = false
        if (isEnded || map.get(voter) === value) return
        map.set(voter, value)
        options.onDefended()
      })
    },
    abandon() {
      end()
      map.delete(voter)
    },
    release: end,
  }
}

/** Two writers fighting over one key settle at four writes a second. */
const DEFEND_EVERY_MS = 250
