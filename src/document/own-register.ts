/**
 * The one entry of the map that an own voter writes: signed in order, at most one write under way, and written
 * again when somebody else overwrote or deleted it.
 */
import type * as Y from 'yjs'
import type { Clock } from '../clock.js'
import type { Register } from '../consensus/register.js'
import { HoldfastError } from '../errors.js'
import type { Identity } from './identity.js'
import { createPartingNote, type PartingNote } from './parting-note.js'
import { encodeRegister } from './register-body.js'
import { signRegister } from './register-wire.js'

/** The entry of one own voter. */
export interface OwnRegister {
  /**
   * Signs and writes it. One that is followed by a newer one before its turn comes is left out, and resolves
   * with the newer one. Rejects with `register-invalid` for a foreign voter, a repeated seq or a register that
   * is too large, with `closed` when this voter writes no more.
   */
  publish(register: Register): Promise<void>
  /** Deletes the entry; this voter never writes again. */
  abandon(): void
  /** Stops defending the entry and leaves it where it is; this voter never writes again. */
  release(): void
  /** Writes nothing from now on, not even what is being signed, and returns what was last written. */
  seal(): Register | null
  /** Takes {@link seal} back, and the parting note that a former page has left. */
  unseal(): void
  /** Leaves the note that this voter writes no more; call it when sealed. Synchronous. */
  part(): void
}

/** An {@link OwnRegister} with what its store needs. */
export interface DefendedRegister extends OwnRegister {
  /** Somebody changed the entry, or a parting note of this voter has come. */
  defend(): void
}

/** What {@link createOwnRegister} needs. */
export interface OwnRegisterOptions {
  readonly map: Y.Map<unknown>
  readonly room: string
  readonly identity: Identity
  readonly clock: Clock
  /** What this voter wrote before the page was refreshed. */
  readonly kept?: Register
  readonly onPublished: (register: Register, content: string) => void
  /** The entry had to be written again, and no former page of ours can have written over it. */
  readonly onDefended: () => void
  readonly onEnd: () => void
}

interface Written {
  readonly register: Register
  readonly content: string
}

/** A register whose turn has not come; a newer one takes its place. */
interface Waiting {
  register: Register
  done: Promise<void>
}

/** Makes the entry; nothing is written before the first `publish()`. */
export function createOwnRegister(options: OwnRegisterOptions): DefendedRegister {
  const { map, room, identity, kept } = options
  const { voter } = identity
  let value: string | null = null
  let last: Written | null = kept === undefined ? null : { register: kept, content: encodeRegister(kept) }
  let isEnded = false
  let isSealed = false
  let waiting: Waiting | null = null
  let queue: Promise<void> = Promise.resolve()
  const note = createPartingNote(options, () => (isEnded ? null : (last?.register.seq ?? null)))
  const defend = createDefence(options, note, () => (isEnded || isSealed ? undefined : value))

  const write = async (register: Register): Promise<void> => {
    const content = encodeRegister(register)
    if (last?.content === content && value !== null) return
    // Two contents under one seq would make the others exclude this voter for good.
    const isRepeated = last !== null && last.content !== content && register.seq <= last.register.seq
    if (register.voter !== voter || isRepeated)
      throw new HoldfastError('register-invalid', {
        message: 'A register must have its own voter and a higher seq.',
      })
    const signed = await signRegister(register, identity, room)
    if (isEnded || isSealed) throw new HoldfastError('closed')
    last = { register, content }
    value = signed
    map.set(voter, signed)
    options.onPublished(register, content)
    note.prepare()
  }
  const end = (): void => {
    isEnded = true
    options.onEnd()
  }
  return {
    publish(register) {
      if (waiting?.register.voter === register.voter && waiting.register.seq < register.seq) {
        waiting.register = register
        return waiting.done
      }
      const mine: Waiting = { register, done: queue }
      mine.done = queue.then(() => {
        if (waiting === mine) waiting = null
        return write(mine.register)
      })
      waiting = mine
      queue = mine.done.catch(() => {
        // The caller holds `done` and hears of the failure there; the queue only keeps the order.
      })
      return mine.done
    },
    defend,
    abandon() {
      end()
      map.delete(voter)
    },
    release: end,
    seal() {
      isSealed = true
      return last?.register ?? null
    },
    unseal() {
      isSealed = false
      note.remove()
    },
    part: note.leave,
  }
}

/**
 * Puts the entry right, a moment after somebody changed it; `mine` is undefined for a voter that writes nothing now. A refreshed
 * page does so in silence: the map may put what the page before had written above what is newer.
 */
function createDefence(
  { map, identity, clock, kept, onDefended }: OwnRegisterOptions,
  note: PartingNote,
  mine: () => string | null | undefined,
): () => void {
  let isTimed = false
  const isOverwritten = (): boolean => (mine() ?? null) !== null && map.get(identity.voter) !== mine()
  const isWrong = (): boolean => mine() !== undefined && (note.isThere || isOverwritten())
  return () => {
    if (isTimed || !isWrong()) return
    isTimed = true
    clock.after(DEFEND_EVERY_MS, () => {
      isTimed = false
      if (!isWrong()) return
      // The page before has left it, and it came with a sync after this page had opened.
      note.remove()
      if (!isOverwritten()) return
      map.set(identity.voter, mine())
      if (!kept) onDefended()
    })
  }
}

/** Two writers fighting over one key settle at four writes a second. */
const DEFEND_EVERY_MS = 250
