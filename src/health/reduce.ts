/**
 * Stats objects to numbers, and two samples to rates. Browsers differ in which fields they fill and drop
 * fields in mid-call, so everything missing or malformed becomes NaN and stays NaN through every sum; counters
 * that restart (new SSRC, ICE restart) give NaN for that one step.
 */
import {
  at,
  H,
  HEADER_SIZE,
  I,
  INBOUND_SIZE,
  LAYOUT_VERSION,
  O,
  OUTBOUND_SIZE,
  P,
  PC_SIZE,
  type Row,
  type Sample,
} from './layout.js'

/** A stats entry as the browser gives it; nothing about it is trusted. */
export type StatEntry = Readonly<Record<string, unknown>>

/** The stats of one peer connection with what the page knows about it. */
export interface RawStats {
  /** Stable number of the peer connection within the page. */
  readonly pc: number
  readonly role: 'send' | 'recv' | 'both'
  readonly entries: readonly StatEntry[]
  /** Index of the peer that this inbound stream belongs to; -1 unknown. */
  readonly peerIndexOf: (trackIdentifier: string | null) => number
}

/** What a sample says about itself. */
export interface SampleHead {
  readonly atMs: number
  readonly mediaAtMs: number
  readonly costMs: number
}

/** More streams than this per connection are not looked at: a limit on what one sample can cost. */
export const MAX_ROWS = 256

const ROLE_CODE = { send: 0, recv: 1, both: 2 } as const

/** Reduces the stats of one connection's peer connections to the layout of `layout.ts`. */
export function reduceStats(head: SampleHead, raw: readonly RawStats[]): Float64Array {
  const pcRows: number[][] = []
  const inbound: number[][] = []
  const outbound: number[][] = []
  for (const one of raw.slice(0, MAX_ROWS)) {
    const byId = new Map<unknown, StatEntry>()
    for (const entry of one.entries) byId.set(entry.id, entry)
    pcRows.push(pcRow(one, byId))
    for (const entry of one.entries) {
      if (entry.type === 'inbound-rtp' && inbound.length < MAX_ROWS) inbound.push(inboundRow(one, entry))
      if (entry.type === 'outbound-rtp' && outbound.length < MAX_ROWS)
        outbound.push(outboundRow(one, entry, remoteOf(one.entries, entry, byId)))
    }
  }
  const values = new Float64Array(
    HEADER_SIZE + pcRows.length * PC_SIZE + inbound.length * INBOUND_SIZE + outbound.length * OUTBOUND_SIZE,
  )
  const { atMs, mediaAtMs, costMs } = head
  values.set([LAYOUT_VERSION, atMs, 1, pcRows.length, inbound.length, outbound.length, mediaAtMs, costMs])
  values.set([...pcRows, ...inbound, ...outbound].flat(), HEADER_SIZE)
  return values
}

/** Writes the cost into a finished sample. */
export function setCost(values: Float64Array, costMs: number): void {
  values[H.costMs] = costMs
}

/** Growth of a counter; NaN when either is missing or the counter restarted. */
export function growth(before: Row | undefined, after: Row, offset: number): number {
  if (!before) return Number.NaN
  const difference = at(after, offset) - at(before, offset)
  return difference >= 0 ? difference : Number.NaN
}

/** The row of the same stream in an earlier sample. */
export function sameStream(rows: readonly Row[] | undefined, row: Row): Row | undefined {
  return rows?.find((other) => other[0] === row[0] && other[1] === row[1])
}

/** Growth of all inbound packet counters between two samples; NaN when nothing can be compared. */
export function inboundGrowth(before: Sample | null, after: Sample): number {
  return sumOfKnown(
    after.inbound.map((row) => growth(sameStream(before?.inbound, row), row, I.packetsReceived)),
  )
}

/** Sum without the unknown ones; NaN when all are unknown. */
export function sumOfKnown(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0)
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN
}

/** Seconds to milliseconds, NaN kept. */
function ms(value: unknown): number {
  return number(value) * 1_000
}

function pcRow(one: RawStats, byId: ReadonlyMap<unknown, StatEntry>): number[] {
  const transport = one.entries.find((entry) => entry.type === 'transport')
  const pair = selectedPair(one.entries, transport, byId)
  const row = new Array<number>(PC_SIZE).fill(Number.NaN)
  row[P.pc] = one.pc
  row[P.role] = ROLE_CODE[one.role]
  const packets = number(transport?.packetsReceived)
  row[P.packetsReceived] = Number.isNaN(packets) ? number(pair?.packetsReceived) : packets
  row[P.responsesReceived] = number(pair?.responsesReceived)
  row[P.rttMs] = ms(pair?.currentRoundTripTime)
  row[P.availableOutgoingBps] = number(pair?.availableOutgoingBitrate)
  return row
}

/** Chromium names the pair in the transport; Firefox before 153 and Safari only mark or nominate it. */
function selectedPair(
  entries: readonly StatEntry[],
  transport: StatEntry | undefined,
  byId: ReadonlyMap<unknown, StatEntry>,
): StatEntry | undefined {
  const named = byId.get(transport?.selectedCandidatePairId)
  if (named) return named
  const pairs = entries.filter((entry) => entry.type === 'candidate-pair')
  return (
    pairs.find((pair) => pair.selected === true) ??
    pairs.find((pair) => pair.nominated === true && pair.state === 'succeeded')
  )
}

function kindCode(entry: StatEntry): number {
  const kind = entry.kind ?? entry.mediaType
  return kind === 'audio' ? 0 : kind === 'video' ? 1 : Number.NaN
}

function inboundRow(one: RawStats, entry: StatEntry): number[] {
  const row = new Array<number>(INBOUND_SIZE).fill(Number.NaN)
  row[I.pc] = one.pc
  row[I.ssrc] = number(entry.ssrc)
  row[I.kind] = kindCode(entry)
  row[I.peer] = one.peerIndexOf(typeof entry.trackIdentifier === 'string' ? entry.trackIdentifier : null)
  row[I.packetsReceived] = number(entry.packetsReceived)
  row[I.packetsLost] = number(entry.packetsLost)
  row[I.bytesReceived] = number(entry.bytesReceived)
  row[I.framesDecoded] = number(entry.framesDecoded)
  row[I.framesReceived] = number(entry.framesReceived)
  row[I.jitterMs] = ms(entry.jitter)
  row[I.concealedSamples] = number(entry.concealedSamples)
  const sinceMs = number(entry.timestamp) - number(entry.lastPacketReceivedTimestamp)
  row[I.sincePacketMs] = sinceMs >= 0 ? sinceMs : Number.NaN
  return row
}

function remoteOf(
  entries: readonly StatEntry[],
  outbound: StatEntry,
  byId: ReadonlyMap<unknown, StatEntry>,
): StatEntry | undefined {
  const named = byId.get(outbound.remoteId)
  if (named) return named
  return entries.find((entry) => entry.type === 'remote-inbound-rtp' && entry.localId === outbound.id)
}

function outboundRow(one: RawStats, entry: StatEntry, remote: StatEntry | undefined): number[] {
  const row = new Array<number>(OUTBOUND_SIZE).fill(Number.NaN)
  row[O.pc] = one.pc
  row[O.ssrc] = number(entry.ssrc)
  row[O.kind] = kindCode(entry)
  row[O.packetsSent] = number(entry.packetsSent)
  row[O.bytesSent] = number(entry.bytesSent)
  row[O.framesEncoded] = number(entry.framesEncoded)
  row[O.remoteLossRatio] = number(remote?.fractionLost)
  row[O.remoteRttMs] = ms(remote?.roundTripTime)
  // roundTripTime keeps its last value in an outage; the number of measurements tells whether it is fresh.
  const measurements = number(remote?.roundTripTimeMeasurements)
  row[O.acknowledgement] = Number.isNaN(measurements) ? number(remote?.timestamp) : measurements
  return row
}
