/**
 * One page of the virtual call: its agreement state and what its shell would remember.
 */
import { type AgreementState, createAgreement } from '../../src/consensus/agreement.js'
import type { VoterId } from '../../src/consensus/record.js'
import type { Register } from '../../src/consensus/register.js'

export interface Heard {
  voter: VoterId
  beat: number
  at: number
  hasLeft: boolean
}

/** One page. */
export interface Node {
  readonly id: number
  readonly participant: string
  state: AgreementState
  registers: Map<VoterId, Register>
  heard: Map<number, Heard>
  synced: Set<number>
  beat: number
  isUp: boolean
  isFrozen: boolean
  backlog: (() => void)[]
  warming: Set<string>
  /** When this page saw its current provider die. */
  deadSeen: Set<string>
  wakeTimer: number
  commits: { readonly at: number; readonly text: string }[]
}

/** A page that has just been opened. */
export function newNode(parts: {
  readonly id: number
  readonly participant: string
  readonly voter: VoterId
  readonly caps: readonly string[]
  readonly now: number
  readonly wallNow: number
}): Node {
  const { id, participant, voter, caps, now, wallNow } = parts
  const registers = new Map<VoterId, Register>()
  const live = new Set([voter])
  const flags = { isSyncing: false, hasHeardPeer: false, isProviderDead: false }
  const view = { now, wallNow, registers, live, ...flags }
  return {
    id,
    participant,
    state: createAgreement({ voter, participant, joinedAt: wallNow, caps, view }),
    registers,
    heard: new Map(),
    synced: new Set(),
    beat: 0,
    isUp: true,
    isFrozen: false,
    backlog: [],
    warming: new Set(),
    deadSeen: new Set(),
    wakeTimer: Number.POSITIVE_INFINITY,
    commits: [],
  }
}
