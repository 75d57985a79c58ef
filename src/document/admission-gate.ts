/**
 * The gate of one room: keeps who is admitted, by the tokens that stand in the shared map beside the registers.
 * A token that was accepted counts until it runs out, whatever is written over it later; one that cannot be
 * checked just now is tried again.
 */
import type * as Y from 'yjs'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Admission, AdmissionGate, Auth } from './admission.js'
import { type AdmissionProblem, LEEWAY_MS, readAdmission } from './admission-token.js'
import { createOwnAdmission, type ShownAdmission } from './own-admission.js'
import type { Reject } from './rejections.js'

/** What {@link createAdmissionGate} needs. */
export interface AdmissionGateOptions {
  readonly map: Y.Map<unknown>
  readonly room: string
  readonly clock: Clock
  readonly verify: Auth['verify']
  readonly reject: Reject
  /** Somebody was admitted, or is no more. */
  readonly onChange: () => void
}

/** Starts with nobody. */
export function createAdmissionGate(options: AdmissionGateOptions): AdmissionGate {
  const { map, clock, reject, onChange } = options
  const admissions = new Map<VoterId, Admission>()
  const owned = new Map<VoterId, ShownAdmission>()
  const missing = createMissing(clock, reject)
  const unused = createUnused(clock)
  const unchecked = new Set<VoterId>()

  const judge = (voter: VoterId, value: unknown): Promise<Admission | AdmissionProblem> =>
    readAdmission(voter, value, { ...options, wallNow: clock.wallNow() })
  const read = async (voter: VoterId, value: unknown): Promise<boolean> => {
    const result = await judge(voter, value)
    if (typeof result === 'string') {
      if (result === 'admission-unavailable' && unchecked.size < UNCHECKED_MAX) unchecked.add(voter)
      if (!admissions.has(voter)) reject(result, voter)
      return false
    }
    if (!admissions.has(voter) && admissions.size >= ADMISSIONS_MAX) return false
    admissions.set(voter, result)
    missing.forget(voter)
    onChange()
    return true
  }
  const observe = (event: Y.YMapEvent<unknown>): void => {
    for (const key of event.keysChanged) if (isAdmissionKey(key)) owned.get(key.slice(1))?.defend()
  }
  map.observe(observe)

  return {
    admissions,
    counts(voter, participant) {
      const admission = admissions.get(voter)
      if (admission === undefined) missing.note(voter)
      else if (admission.participant !== participant) reject('admission-wrong-participant', voter)
      return admission?.participant === participant
    },
    read(key, value) {
      if (!isAdmissionKey(key)) return null
      const voter = key.slice(1)
      return owned.has(voter) ? Promise.resolve(false) : read(voter, value)
    },
    admit(request) {
      const { voter } = request
      const own = createOwnAdmission({
        ...{ ...options, ...request, key: PREFIX + voter, judge },
        onAdmitted: (admission) => admissions.set(voter, admission),
      })
      owned.set(voter, own)
      const ending = (end: () => void) => (): void => {
        owned.delete(voter)
        end()
      }
      return { ...own, abandon: ending(own.abandon), close: ending(own.close) }
    },
    sweep(isNeeded) {
      missing.report()
      for (const voter of unchecked) {
        unchecked.delete(voter)
        void read(voter, map.get(PREFIX + voter))
      }
      for (const [voter, { expiresAtMs }] of [...admissions])
        if (expiresAtMs + LEEWAY_MS <= clock.wallNow()) {
          admissions.delete(voter)
          onChange()
        }
      for (const voter of unused(map, (one) => owned.has(one) || isNeeded(one))) {
        map.delete(PREFIX + voter)
        admissions.delete(voter)
      }
    },
    close() {
      map.unobserve(observe)
      for (const own of owned.values()) own.close()
    },
  }
}

function isAdmissionKey(key: string): boolean {
  return key.startsWith(PREFIX)
}

/** Finds entries that have belonged to nobody for long. */
function createUnused(clock: Clock) {
  const sinceMs = new Map<VoterId, number>()
  return (map: Y.Map<unknown>, isUsed: (voter: VoterId) => boolean): VoterId[] => {
    const voters = [...map.keys()].filter(isAdmissionKey).map((key) => key.slice(1))
    const idle = new Set(voters.filter((voter) => !isUsed(voter)))
    for (const voter of [...sinceMs.keys()]) if (!idle.has(voter)) sinceMs.delete(voter)
    for (const voter of idle) if (!sinceMs.has(voter)) sinceMs.set(voter, clock.now())
    return [...idle].filter((voter) => clock.now() - (sinceMs.get(voter) ?? 0) >= KEEP_UNUSED_MS)
  }
}

/** Tells once of each voter that shows no token; tokens may come a moment later than what they are for. */
function createMissing(clock: Clock, reject: Reject) {
  const sinceMs = new Map<VoterId, number>()
  return {
    note(voter: VoterId): void {
      if (!sinceMs.has(voter) && sinceMs.size < ADMISSIONS_MAX) sinceMs.set(voter, clock.now())
    },
    forget: (voter: VoterId) => sinceMs.delete(voter),
    report(): void {
      for (const [voter, since] of sinceMs)
        if (clock.now() - since >= MISSING_AFTER_MS) {
          sinceMs.set(voter, Number.POSITIVE_INFINITY)
          reject('admission-missing', voter)
        }
    },
  }
}

/** No voter id begins with it. */
const PREFIX = '@'
/** As many as the shadow of the registers holds. */
const ADMISSIONS_MAX = 256
/** Tokens to be checked again. */
const UNCHECKED_MAX = 64
/** A token is fetched and checked within a second or two. */
const MISSING_AFTER_MS = 5000
/** As long as the register of somebody silent is kept. */
const KEEP_UNUSED_MS = 90_000
