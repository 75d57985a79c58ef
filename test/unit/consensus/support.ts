/** Small builders, so that a test says only what it is about. */
import { type AgreementState, createAgreement } from '../../../src/consensus/agreement.js'
import { genesisLineage } from '../../../src/consensus/lineage.js'
import { type CommittedRecord, hashRecord, makeRecord, type VoterId } from '../../../src/consensus/record.js'
import { freshRegister, type Register } from '../../../src/consensus/register.js'
import { type Effect, type Input, step, type View } from '../../../src/consensus/step.js'

export const PROVIDERS = ['east', 'west', 'mesh'] as const
export const LINEAGE = genesisLineage('a')

/** A record of the lineage founded by `a`. */
export function aRecord(
  committee: readonly VoterId[],
  parts: {
    n?: number
    provider?: string | null
    parent?: string
    lineage?: string
    caps?: readonly string[]
  } = {},
): CommittedRecord {
  const { n = 3, provider = 'east', parent = 'before', lineage = LINEAGE, caps = PROVIDERS } = parts
  return makeRecord({ lineage, n, provider, seats: committee.map((voter) => ({ voter, caps })), parent })
}

/** The record that follows `head`, the same but for what is given. */
export function following(
  head: CommittedRecord,
  parts: { provider?: string | null; committee?: readonly VoterId[] } = {},
): CommittedRecord {
  const { provider = head.provider, committee = head.committee } = parts
  return aRecord(committee, { n: head.n + 1, provider, parent: hashRecord(head), lineage: head.lineage })
}

/** A voter's register; its participant is the voter's name in upper case. */
export function aRegister(voter: VoterId, head: CommittedRecord, parts: Partial<Register> = {}): Register {
  const joinedAt = voter.charCodeAt(0)
  const identity = { voter, participant: voter.toUpperCase(), joinedAt, caps: PROVIDERS, warm: {} }
  return { ...freshRegister(identity, head), seq: 1, ...parts }
}

/** A register that has voted at a ballot. */
export function aVote(voter: VoterId, head: CommittedRecord, ballot: number, voted: CommittedRecord): Register {
  return aRegister(voter, head, { promised: ballot, votedBallot: ballot, voted })
}

/** A document. */
export function doc(...registers: Register[]): Map<VoterId, Register> {
  return new Map(registers.map((register) => [register.voter, register]))
}

/** One voter under test with the world it sees; change the fields freely between inputs. */
export class Probe {
  now = 1000
  registers: Map<VoterId, Register>
  live: Set<VoterId>
  isSyncing = false
  hasHeardPeer = true
  isProviderDead = false
  state: AgreementState
  effects: readonly Effect[] = []

  constructor(own: Register | VoterId, ...others: Register[]) {
    const voter = typeof own === 'string' ? own : own.voter
    this.registers = doc(...others)
    this.live = new Set([voter, ...others.map((other) => other.voter)])
    const { participant, joinedAt, caps, warm } =
      typeof own === 'string'
        ? { participant: voter.toUpperCase(), joinedAt: 1, caps: PROVIDERS, warm: {} }
        : own
    const fresh = createAgreement({ voter, participant, joinedAt, caps, view: this.view() })
    this.state = typeof own === 'string' ? fresh : { ...fresh, warm, phase: 'active', register: own }
  }

  view(): View {
    const { now, registers, live, isSyncing, hasHeardPeer, isProviderDead } = this
    return { now, wallNow: 5000 + now, registers, live, isSyncing, hasHeardPeer, isProviderDead }
  }

  /** Gives an input and returns what the shell would have to do. */
  input(input: Input = { type: 'view' }): readonly Effect[] {
    const result = step(this.state, { ...input, view: this.view() })
    this.state = result.state
    this.effects = result.effects
    return result.effects
  }

  /** Lets time pass in steps short enough not to look like a sleep. */
  advance(ms: number): readonly Effect[] {
    const all: Effect[] = []
    for (let left = ms; left > 0; left -= 100) {
      this.now += Math.min(100, left)
      all.push(...this.input())
    }
    return all
  }

  see(...registers: Register[]): readonly Effect[] {
    this.registers = new Map(this.registers)
    for (const register of registers) this.registers.set(register.voter, register)
    return this.input()
  }

  get register(): Register {
    if (this.state.register === null) throw new Error('no register')
    return this.state.register
  }
}

/** The register an effect list publishes, if any. */
export function published(effects: readonly Effect[]): Register | undefined {
  return effects.find((effect) => effect.type === 'publish')?.register
}

/** Kinds of effects in order. */
export function kinds(effects: readonly Effect[]): string[] {
  return effects.map((effect) => effect.type)
}
