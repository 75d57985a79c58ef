/**
 * Puts rows into one array and takes them apart again. What arrives is checked for its version and its length:
 * the page and a cached worker file may be of different builds.
 */
import {
  at,
  H,
  HEADER_SIZE,
  I,
  INBOUND_GROUPS,
  LAYOUT_VERSION,
  OUTBOUND_GROUPS,
  PC_SIZE,
  type Row,
  type Sample,
} from './layout.js'

/** Where the groups of a kind of row begin. */
interface Groups {
  readonly audio: number
  readonly video: number
  readonly size: number
}

/** What a sample says about itself. */
export interface SampleHead {
  readonly atMs: number
  readonly mediaAtMs: number
  readonly costMs: number
}

/** Puts whole rows into one array. */
export function packSample(
  head: SampleHead,
  peerConnections: readonly Row[],
  inbound: readonly Row[],
  outbound: readonly Row[],
): Float64Array {
  const size =
    HEADER_SIZE +
    peerConnections.length * PC_SIZE +
    sizeOf(inbound, INBOUND_GROUPS) +
    sizeOf(outbound, OUTBOUND_GROUPS)
  const values = new Float64Array(size)
  values[H.version] = LAYOUT_VERSION
  values[H.atMs] = head.atMs
  values[H.isFull] = 1
  values[H.peerConnections] = peerConnections.length
  values[H.inbound] = inbound.length
  values[H.outbound] = outbound.length
  values[H.mediaAtMs] = head.mediaAtMs
  values[H.costMs] = head.costMs
  let start = HEADER_SIZE
  for (const row of peerConnections) {
    values.set(row, start)
    start += PC_SIZE
  }
  for (const row of inbound) start = putStream(values, start, row, INBOUND_GROUPS)
  for (const row of outbound) start = putStream(values, start, row, OUTBOUND_GROUPS)
  return values
}

/** Takes an array apart; an array of another version or length gives null. */
export function unpackSample(values: Float64Array): Sample | null {
  if (values.length < HEADER_SIZE || values[H.version] !== LAYOUT_VERSION) return null
  const pcCount = countAt(values, H.peerConnections)
  const inboundAt = HEADER_SIZE + pcCount * PC_SIZE
  if (!(inboundAt <= values.length)) return null
  const inbound = takeStreams(values, inboundAt, countAt(values, H.inbound), INBOUND_GROUPS)
  const outbound = inbound && takeStreams(values, inbound.end, countAt(values, H.outbound), OUTBOUND_GROUPS)
  if (!outbound || outbound.end !== values.length) return null
  return {
    atMs: at(values, H.atMs),
    isFull: values[H.isFull] === 1,
    mediaAtMs: at(values, H.mediaAtMs),
    costMs: at(values, H.costMs),
    peerConnections: Array.from({ length: pcCount }, (_, index) =>
      values.subarray(HEADER_SIZE + index * PC_SIZE, HEADER_SIZE + (index + 1) * PC_SIZE),
    ),
    inbound: inbound.rows,
    outbound: outbound.rows,
  }
}

/** Writes the cost into a finished sample. */
export function setCost(values: Float64Array, costMs: number): void {
  values[H.costMs] = costMs
}

function isAudio(row: Row): boolean {
  return row[I.kind] === 0
}

function widthOf(hasAudio: boolean, { audio, video, size }: Groups): number {
  return hasAudio ? video : size - (video - audio)
}

function sizeOf(rows: readonly Row[], groups: Groups): number {
  return rows.reduce((sum, row) => sum + widthOf(isAudio(row), groups), 0)
}

function putStream(values: Float64Array, start: number, row: Row, groups: Groups): number {
  const { audio, video } = groups
  const hasAudio = isAudio(row)
  values.set(row.subarray(0, hasAudio ? video : audio), start)
  if (!hasAudio) values.set(row.subarray(video), start + audio)
  return start + widthOf(hasAudio, groups)
}

/** Null when the array ends before the rows do. */
function takeStreams(
  values: Float64Array,
  start: number,
  count: number,
  groups: Groups,
): { readonly rows: Row[]; readonly end: number } | null {
  if (Number.isNaN(count)) return null
  const { audio, video, size } = groups
  const rows: Row[] = []
  let end = start
  for (let index = 0; index < count; index += 1) {
    const hasAudio = values[end + I.kind] === 0
    const width = widthOf(hasAudio, groups)
    if (end + width > values.length) return null
    const row = new Float64Array(size).fill(Number.NaN)
    row.set(values.subarray(end, end + (hasAudio ? video : audio)))
    if (!hasAudio) row.set(values.subarray(end + audio, end + width), video)
    rows.push(row)
    end += width
  }
  return { rows, end }
}

function countAt(values: Float64Array, offset: number): number {
  const count = at(values, offset)
  return Number.isInteger(count) && count >= 0 ? count : Number.NaN
}
