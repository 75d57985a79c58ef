/**
 * In place of `document/parting-note.ts`: a page of the script-tag file leaves no note and reads nobody's. Who stays
 * after a senior has closed its tab is shown `provisional` for longer; nothing is decided by notes (rule 12).
 */
import type { VoterId } from '../consensus/record.js'
import type { PartingBook, PartingNote } from '../document/parting-note.js'

const NOBODY: ReadonlySet<VoterId> = new Set()
const nothing = (): void => undefined

/** The entry that would hold a note. */
export const partingKey = (voter: VoterId): string => `~${voter}`
/** Notes of others are no junk. */
export const partedBy = (key: string): VoterId | null => (key[0] === '~' ? key.slice(1) : null)
/** Nobody's is read. */
export const readParting = async (): Promise<null> => null
/** None is left. */
export const createPartingNote = (): PartingNote => ({
  prepare: nothing,
  leave: nothing,
  isThere: false,
  remove: nothing,
})
/** An empty book. */
export const createPartingBook = (): PartingBook => ({ note: nothing, orphans: () => [], parted: () => NOBODY })
