/**
 * A register as text: short field names, and every string once in a table that the rest refers to by index,
 * because head, voted and proposed repeat the same voters and providers. Encoding is deterministic, so equal
 * registers give equal text; parsing drops unknown fields and refuses everything out of bounds.
 */
import * as v from 'valibot'
import { type CommittedRecord, isSameRecord, type VoterId } from '../consensus/record.js'
import type { Register } from '../consensus/register.js'

/** Text of a register without its voter, which is the key it is stored under. */
export function encodeRegister(register: Register): string {
  const table: string[] = []
  const known = new Map<string, number>()
  const ref = (text: string): number => {
    const at = known.get(text) ?? table.push(text) - 1
    known.set(text, at)
    return at
  }
  const record = (value: CommittedRecord): WireRecord => [
    ref(value.lineage),
    value.n,
    value.provider === null ? -1 : ref(value.provider),
    value.committee.map(ref),
    value.providers.map(ref),
    [...value.caps],
    ref(value.parent),
  ]
  const warm = Object.entries(register.warm).sort(([a], [b]) => (a < b ? -1 : 1))
  const body: WireRegister = {
    q: register.seq,
    p: ref(register.participant),
    j: register.joinedAt,
    l: ref(register.lineage),
    h: record(register.head),
    c: register.caps.map(ref),
    ...(register.want ? { w: [ref(register.want.provider), register.want.n] as [number, number] } : {}),
    m: warm.map(([provider, outcome]): [number, number] => [ref(provider), outcome === 'ready' ? 1 : 0]),
    ...(register.left ? { x: 1 as const } : {}),
    a: register.promised,
    b: register.votedBallot,
    ...(register.voted ? { v: record(register.voted) } : {}),
    r: register.proposedRound,
    ...(register.proposed ? (isVoted(register) ? { s: 1 as const } : { o: record(register.proposed) }) : {}),
    t: table,
  }
  return JSON.stringify(body)
}

/** The register in `text`, or null when any part of it is malformed or out of bounds. Never throws. */
export function parseRegister(voter: VoterId, text: string): Register | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Not JSON: malformed like everything else that the schema refuses.
    return null
  }
  const parsed = v.safeParse(REGISTER, value)
  if (!parsed.success) return null
  const wire = parsed.output
  if (!hasOnlyKnownStrings(wire)) return null
  const proposal = wire.s ? wire.v : wire.o
  const text_ = (at: number): string => wire.t[at] ?? ''
  return {
    voter,
    seq: wire.q,
    participant: text_(wire.p),
    joinedAt: wire.j,
    lineage: text_(wire.l),
    head: readRecord(wire.h, text_),
    caps: wire.c.map(text_),
    ...(wire.w ? { want: { provider: text_(wire.w[0]), n: wire.w[1] } } : {}),
    warm: Object.fromEntries(wire.m.map(([at, isReady]) => [text_(at), isReady === 1 ? 'ready' : 'failed'])),
    ...(wire.x ? { left: true as const } : {}),
    promised: wire.a,
    votedBallot: wire.b,
    voted: wire.v ? readRecord(wire.v, text_) : null,
    proposedRound: wire.r,
    proposed: proposal ? readRecord(proposal, text_) : null,
  }
}

/** A proposer votes for what it proposes: the record need not stand there twice. */
function isVoted({ proposed, voted }: Register): boolean {
  return proposed !== null && voted !== null && isSameRecord(proposed, voted)
}

function readRecord(wire: WireRecord, text: (at: number) => string): CommittedRecord {
  const [lineage, n, provider, committee, providers, caps, parent] = wire
  return {
    lineage: text(lineage),
    n,
    provider: provider === -1 ? null : text(provider),
    committee: committee.map(text),
    providers: providers.map(text),
    caps,
    parent: text(parent),
  }
}

/** Indices point into the table, and names that end up as object keys are names and not `__proto__`. */
function hasOnlyKnownStrings(wire: WireRegister): boolean {
  const records = [wire.h, wire.v, wire.o].filter((record) => record !== undefined)
  const names = [...wire.c, ...wire.m.map(([at]) => at), ...(wire.w ? [wire.w[0]] : [])]
  const others = [wire.p, wire.l]
  for (const [lineage, , provider, committee, providers, , parent] of records) {
    names.push(...(provider === -1 ? [] : [provider]), ...providers)
    others.push(lineage, parent, ...committee)
  }
  if ([...names, ...others].some((at) => at < 0 || at >= wire.t.length)) return false
  return names.every((at) => isProviderName(wire.t[at] ?? ''))
}

function isProviderName(name: string): boolean {
  return /^[\w.:-]{1,64}$/.test(name) && !FORBIDDEN_NAMES.has(name)
}

/** Keys that would reach an object's prototype instead of a property of its own. */
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype'])
/** Lineage ids are the longest strings: two voter ids and two numbers, below 80 characters. */
const STRING_MAX = 128
/** Three records of five members with sixteen providers each stay far below it. */
const STRINGS_MAX = 96
/** Committees have at most five members; seven leaves room for a larger K. */
const COMMITTEE_MAX = 7
/** An app configures at most sixteen providers; a committee's union may be larger. */
const PROVIDERS_MAX = 32

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const reference = v.pipe(v.number(), v.safeInteger(), v.minValue(-1), v.maxValue(STRINGS_MAX))
const references = (max: number) => v.pipe(v.array(reference), v.maxLength(max))
const RECORD = v.tuple([
  reference,
  whole,
  reference,
  v.pipe(references(COMMITTEE_MAX), v.minLength(1)),
  references(PROVIDERS_MAX),
  v.pipe(v.array(v.pipe(whole, v.maxValue(2 ** PROVIDERS_MAX - 1))), v.maxLength(COMMITTEE_MAX)),
  reference,
])
const REGISTER = v.object({
  q: whole,
  p: reference,
  j: whole,
  l: reference,
  h: RECORD,
  c: references(PROVIDERS_MAX),
  w: v.optional(v.tuple([reference, whole])),
  m: v.pipe(v.array(v.tuple([reference, v.picklist([0, 1])])), v.maxLength(PROVIDERS_MAX)),
  x: v.optional(v.literal(1)),
  a: whole,
  b: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
  v: v.optional(RECORD),
  r: whole,
  s: v.optional(v.literal(1)),
  o: v.optional(RECORD),
  t: v.pipe(v.array(v.pipe(v.string(), v.maxLength(STRING_MAX))), v.maxLength(STRINGS_MAX)),
})
type WireRecord = [number, number, number, number[], number[], number[], number]
interface WireRegister {
  q: number
  p: number
  j: number
  l: number
  h: WireRecord
  c: number[]
  w?: [number, number] | undefined
  m: [number, number][]
  x?: 1 | undefined
  a: number
  b: number
  v?: WireRecord | undefined
  r: number
  s?: 1 | undefined
  o?: WireRecord | undefined
  t: string[]
}
