/**
 * The note that a closing page leaves: its voter writes nothing more, unless the page that follows a refresh takes
 * it over within seconds (kept-seat.ts). Rule 12 asks who of a lost committee may still be deciding somewhere; after
 * a while a parted voter is not. The note is signed ahead, because `pagehide` waits for no signature; it names the
 * seq it was signed for, so that an old one says nothing about a voter that has written since.
 */
import type * as Y from 'yjs'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Registers } from '../consensus/register.js'
import { type Bytes, toBase64Url } from './base64.js'
import type { Identity, Verify } from './identity.js'

/** The entry that holds the note of a voter. */
export function partingKey(voter: VoterId): string {
  return PREFIX + voter
}

/** Whose note the entry `key` is; null for any other entry. */
export function partedBy(key: string): VoterId | null {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null
}

/** Signs the note of a voter whose last register has `seq`. */
async function signParting(identity: Identity, room: string, seq: number): Promise<string> {
  const signature = await identity.sign(signedBytes(room, identity.publicKey, seq))
  return `${HEADER}.${seq}.${identity.publicKey}.${toBase64Url(signature)}`
}

/** The seq that a note of `voter` names; null when it is not signed by it. Never throws. */
export async function readParting(
  voter: VoterId,
  value: unknown,
  room: string,
  verify: Verify,
): Promise<number | null> {
  const parts = typeof value === 'string' && value.length <= NOTE_MAX_CHARACTERS ? WIRE.exec(value) : null
  const [, digits, publicKey, signature] = parts ?? []
  if (digits === undefined || publicKey === undefined || signature === undefined) return null
  const seq = Number(digits)
  return (await verify(voter, publicKey, signature, signedBytes(room, publicKey, seq))) ? seq : null
}

/** The note of one own voter. */
export interface PartingNote {
  /** Something new was written; nothing waits for the signature. */
  prepare(): void
  /** Writes the note, if it has been signed since. Synchronous. */
  leave(): void
  /** Whether the document holds one, this page's or that of the page before. */
  readonly isThere: boolean
  remove(): void
}

/** What {@link createPartingNote} needs. */
export interface PartingNoteOptions {
  readonly map: Y.Map<unknown>
  readonly room: string
  readonly identity: Identity
  readonly clock: Clock
}

/** Makes the note of a voter; `lastSeq` is null when there is nothing to leave. */
export function createPartingNote(options: PartingNoteOptions, lastSeq: () => number | null): PartingNote {
  const { map, room, identity, clock } = options
  const key = partingKey(identity.voter)
  let signed: { readonly seq: number; readonly value: string } | null = null
  let isTimed = false
  const sign = async (): Promise<void> => {
    isTimed = false
    const seq = lastSeq()
    if (seq !== null && signed?.seq !== seq) signed = { seq, value: await signParting(identity, room, seq) }
  }
  return {
    prepare() {
      if (isTimed) return
      isTimed = true
      // Without a signature the page leaves no note, and stays unaccounted for.
      clock.after(NOTE_AFTER_MS, () => void sign().catch(() => undefined))
    },
    leave() {
      if (signed !== null && signed.seq === lastSeq()) map.set(key, signed.value)
    },
    get isThere() {
      return map.get(key) !== undefined
    },
    remove() {
      if (map.get(key) !== undefined) map.delete(key)
    },
  }
}

/** The notes that one page has read. */
export interface PartingBook {
  /** Takes a verified note; null when it was taken back. */
  note(voter: VoterId, seq: number | null): void
  /** Entries with notes of voters that have no register any more. */
  orphans(registers: Registers): readonly string[]
  /** Who has parted for good, by now; same identity while unchanged. */
  parted(registers: Registers, heardAt?: (voter: VoterId) => number): ReadonlySet<VoterId>
}

/** Makes an empty book. */
export function createPartingBook(clock: Clock): PartingBook {
  const notes = new Map<VoterId, { readonly seq: number; readonly atMs: number }>()
  let parted: ReadonlySet<VoterId> = new Set()
  return {
    note(voter, seq) {
      if (seq === null) notes.delete(voter)
      else if (notes.size < NOTES_MAX && notes.get(voter)?.seq !== seq)
        notes.set(voter, { seq, atMs: clock.now() })
    },
    orphans: (registers) => [...notes.keys()].filter((voter) => !registers.has(voter)).map(partingKey),
    parted(registers, heardAt) {
      const since = clock.now() - PARTED_AFTER_MS
      const found = [...notes]
        .filter(([voter, { seq, atMs }]) => atMs <= since && registers.get(voter)?.seq === seq)
        .filter(([voter, { atMs }]) => (heardAt?.(voter) ?? 0) <= atMs + LAST_WORDS_MS)
        .map(([voter]) => voter)
      const isSame = found.length === parted.size && found.every((voter) => parted.has(voter))
      if (!isSame) parted = new Set(found)
      return parted
    },
  }
}

function signedBytes(room: string, publicKey: string, seq: number): Bytes {
  return new TextEncoder().encode(`holdfast parting ${HEADER}\n${JSON.stringify(room)}\n${publicKey}\n${seq}`)
}

/** Version 1, ECDSA P-256, as for registers. */
const HEADER = '1.P'
/** No voter id begins with it. */
const PREFIX = '~'
/** A kept seat is taken within five seconds or never (kept-seat.ts); one more for its first words to arrive. */
const PARTED_AFTER_MS = 6000
/** The note and the last beat come in any order; who is heard later has come back. */
const LAST_WORDS_MS = 1000
/** A decision with all its rounds is over by then, so that one signature does for it. */
const NOTE_AFTER_MS = 1000
/** As many as voters are remembered. */
const NOTES_MAX = 256
/** Key, signature, a number and dots. */
const NOTE_MAX_CHARACTERS = 256
const WIRE = /^1\.P\.(\d{1,16})\.([\w-]{87})\.([\w-]{86})$/
