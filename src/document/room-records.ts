/**
 * What counts in a room: registers whose voters are admitted and were not caught cheating, and the presence of
 * pages that are who they say. Where the app demands tokens a token decides, else who came first.
 */
import type * as Yjs from 'yjs'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { AdmissionGate, Auth } from './admission.js'
import type { Presence } from './presence.js'
import { createRegisterStore, type RegisterStore } from './register-store.js'
import type { Reject } from './rejections.js'

/** The records of one room. */
export interface RoomRecords {
  readonly store: RegisterStore
  /** Null where the app demands no tokens. */
  readonly gate: AdmissionGate | null
  /** Whether this page of a participant may be shown and counted as live. */
  stands(presence: Presence): boolean
  /** Called once a second; `isAwake` is false when this page has just stood still. */
  sweep(isAwake: boolean): void
  close(): void
}

/** What {@link createRoomRecords} needs. */
export interface RoomRecordsOptions {
  readonly doc: Yjs.Doc
  readonly room: string
  readonly clock: Clock
  readonly reject: Reject
  readonly auth: Auth | undefined
  /** The gate's code; null where the app demands no tokens. */
  readonly admission: typeof import('./admission-gate.js') | null
  readonly heardAt: (voter: VoterId) => number
  readonly onRegisters: () => void
  readonly onPresence: () => void
}

/** Opens them. */
export function createRoomRecords(options: RoomRecordsOptions): RoomRecords {
  const { doc, clock, auth, admission, heardAt } = options
  const map = doc.getMap<unknown>('registers')
  const onChange = (): void => {
    store.recount()
    options.onPresence()
  }
  const gate =
    auth && admission ? admission.createAdmissionGate({ ...options, map, verify: auth.verify, onChange }) : null
  const store: RegisterStore = createRegisterStore({
    ...options,
    map,
    onChange: options.onRegisters,
    isLive: (voter) => clock.now() - heardAt(voter) < LIVE_MS && (gate === null || gate.admissions.has(voter)),
    ...(gate
      ? { counts: ({ voter, participant }) => gate.counts(voter, participant), readOther: gate.read }
      : {}),
  })
  let collectAtMs = Number.NEGATIVE_INFINITY
  let parted = store.parted()
  return {
    store,
    gate,
    stands: ({ voter, participant }) =>
      !store.isExcluded(voter) && (gate === null || gate.counts(voter, participant)),
    sweep(isAwake) {
      const now = clock.now()
      const gone = store.parted()
      if (gone !== parted) options.onRegisters()
      parted = gone
      gate?.sweep((voter) => store.registers.has(voter) || now - heardAt(voter) < LIVE_MS)
      // Everybody collects at another time: what one has deleted costs the others nothing. Who has just stood
      // still has to hear the others again before it may call anybody dead.
      const isDue = isAwake && now >= collectAtMs
      if (isDue && Number.isFinite(collectAtMs)) store.sweep()
      if (isDue || !isAwake) collectAtMs = now + COLLECT_EVERY_MS * (0.5 + Math.random())
    },
    close() {
      gate?.close()
      store.close()
    },
  }
}

/** How lately a voter must have been heard to keep its place in a full shadow copy. */
const LIVE_MS = 30_000
/** Entries of the dead are no hurry. */
const COLLECT_EVERY_MS = 10_000
