/**
 * What somebody set by hand outlives a refresh of the tab: recovery that is switched off, an emergency stop, what is
 * scheduled. It lies in the tab's session storage until the call is left; what cannot be read there is passed over.
 */
import * as v from 'valibot'
import { REPAIRED_KINDS } from '../recovery/incident-kinds.js'
import type { RecoveryRequest } from './recovery-contract.js'

/** What is kept. */
export interface Kept {
  readonly isAutomatic: boolean
  readonly isEmergency: boolean
  /** With the time at which each is due, milliseconds since 1970. */
  readonly plans: readonly { readonly atMs: number; readonly request: RecoveryRequest }[]
}

/** More is not written by us. */
const PLANS_MAX = 32
const ID_MAX_CHARS = 128
const KEY = 'holdfast-recovery/'

const TEXT = v.exactOptional(v.pipe(v.string(), v.maxLength(ID_MAX_CHARS)))
const SCHEMA = v.object({
  isAutomatic: v.boolean(),
  isEmergency: v.boolean(),
  plans: v.pipe(
    v.array(
      v.object({
        atMs: v.number(),
        request: v.object({
          kind: v.exactOptional(v.picklist(REPAIRED_KINDS)),
          peer: TEXT,
          media: v.exactOptional(v.picklist(['audio', 'video'])),
          strategy: TEXT,
        }),
      }),
    ),
    v.maxLength(PLANS_MAX),
  ),
})

/** What the page before this one left; null: nothing that can be read. */
export function keptOf(room: string): Kept | null {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEY + room) ?? 'null')
    const parsed = v.safeParse(SCHEMA, found)
    return parsed.success ? parsed.output : null
  } catch {
    // No such storage here, or none for this page: a refresh begins anew.
    return null
  }
}

/** Keeps it for a refresh; null: the call is left. */
export function keep(room: string, kept: Kept | null): void {
  try {
    if (kept === null) sessionStorage.removeItem(KEY + room)
    else sessionStorage.setItem(KEY + room, JSON.stringify(kept))
  } catch {
    // As above.
  }
}
