/**
 * Reads entries of the shared map into the fold: registers, and proofs against voters that signed two of them
 * under one seq. Each distinct value is verified once. Knows the values it could make nothing of, so that they
 * can be swept out.
 */
import type * as Y from 'yjs'
import type { VoterId } from '../consensus/record.js'
import { accusedBy, proofKey, readProof, writeProof } from './equivocation.js'
import type { Fold } from './fold.js'
import type { Verify } from './identity.js'
import { partedBy, readParting } from './parting-note.js'
import { readRegister } from './register-wire.js'
import type { Reject } from './rejections.js'

/** Takes entries in. */
export interface RegisterReader {
  /** Reads an entry as it stands now; whether anything that readers see has changed. */
  read(key: string): Promise<boolean>
  /** Forgets that the entry was read. */
  forget(key: string): void
  /** Entries that still hold what could not be read. */
  takeJunk(): readonly string[]
}

/** What {@link createRegisterReader} needs. */
export interface RegisterReaderOptions {
  readonly map: Y.Map<unknown>
  readonly room: string
  readonly fold: Fold
  readonly verify: Verify
  readonly reject: Reject
  /** A voter has left its parting note, or taken it back. */
  readonly onParting: (voter: VoterId, seq: number | null) => void
  /** A voter said something new. */
  readonly onHeard: (voter: VoterId) => void
  /** Reads entries that are somebody else's; null for all others. */
  readonly readOther?: (key: string, value: unknown) => Promise<boolean> | null
}

/** Makes a reader that has read nothing. */
export function createRegisterReader(options: RegisterReaderOptions): RegisterReader {
  const { map, room, fold, verify, reject } = options
  const readValues = new Map<string, unknown>()
  const junk = new Map<string, unknown>()

  const refuse = (key: string, value: unknown, problem: Parameters<Reject>[0]): boolean => {
    if (junk.size < JUNK_MAX) junk.set(key, value)
    reject(problem, key)
    return false
  }
  const convict = (voter: VoterId): boolean => {
    const evidence = fold.evidenceOf(voter)
    if (evidence !== null && map.get(proofKey(voter)) === undefined)
      map.set(proofKey(voter), writeProof(evidence))
    reject('register-equivocated', voter)
    return true
  }
  const readRegisterOf = async (voter: string, value: unknown): Promise<boolean> => {
    const reading = await readRegister(voter, value, room, verify)
    if ('problem' in reading) return refuse(voter, value, reading.problem)
    const outcome = fold.accept(reading.register, reading.content, String(value))
    if (outcome === 'changed') options.onHeard(voter)
    // A proof that somebody has deleted is written again as soon as the voter shows itself again.
    if (outcome === 'equivocated' || outcome === 'excluded') convict(voter)
    return outcome === 'changed' || outcome === 'equivocated'
  }
  const readProofAgainst = async (voter: VoterId, key: string, value: unknown): Promise<boolean> => {
    if (fold.evidenceOf(voter) !== null) return false
    const evidence = await readProof(voter, value, room, verify)
    if (evidence === null) return refuse(key, value, 'register-invalid')
    return fold.exclude(voter, evidence) && convict(voter)
  }
  const readPartingOf = async (voter: VoterId, key: string, value: unknown): Promise<boolean> => {
    const seq = value === undefined ? null : await readParting(voter, value, room, verify)
    if (seq === null && value !== undefined) return refuse(key, value, 'register-invalid')
    options.onParting(voter, seq)
    return false
  }
  return {
    async read(key) {
      const value = map.get(key)
      const parted = partedBy(key)
      if (parted !== null) return readPartingOf(parted, key, value)
      if (value === undefined || readValues.get(key) === value) return false
      if (readValues.size >= READ_VALUES_MAX) readValues.delete([...readValues.keys()][0] ?? '')
      readValues.set(key, value)
      const accused = accusedBy(key)
      if (accused !== null) return readProofAgainst(accused, key, value)
      return options.readOther?.(key, value) ?? readRegisterOf(key, value)
    },
    forget: (key) => readValues.delete(key),
    takeJunk() {
      const keys = [...junk].filter(([key, value]) => map.get(key) === value).map(([key]) => key)
      junk.clear()
      return keys
    },
  }
}

/** Values remembered as read; twice the shadow's bound. */
const READ_VALUES_MAX = 512
/** Unreadable entries swept out at once; the rest is found when it is read the next time. */
const JUNK_MAX = 256
