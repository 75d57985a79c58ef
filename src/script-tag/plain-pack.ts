/**
 * Stands in for `health/pack.ts` in the script-tag file: rows in one array at their whole width, and nothing of
 * versions, because the page and the worker run one and the same file.
 */
import {
  H,
  HEADER_SIZE,
  INBOUND_SIZE,
  OUTBOUND_SIZE,
  PC_SIZE,
  type Row,
  type Sample,
} from '../health/layout.js'
import type { SampleHead } from '../health/pack.js'

/** As in `health/pack.ts`. */
export function packSample(head: SampleHead, ...groups: readonly (readonly Row[])[]): Float64Array {
  const header = new Float64Array(HEADER_SIZE)
  header[H.atMs] = head.atMs
  header[H.isFull] = 1
  header[H.mediaAtMs] = head.mediaAtMs
  header[H.costMs] = head.costMs
  groups.forEach((rows, index) => {
    header[H.peerConnections + index] = rows.length
  })
  return Float64Array.from([header, ...groups.flat()].flatMap((row) => [...row]))
}

/** As in `health/pack.ts`. */
export function unpackSample(values: Float64Array): Sample {
  let end = HEADER_SIZE
  const take = (counter: number, size: number): Row[] =>
    Array.from({ length: values[counter] ?? 0 }, () => {
      end += size
      return values.subarray(end - size, end)
    })
  const figure = (offset: number): number => values[offset] ?? Number.NaN
  return {
    atMs: figure(H.atMs),
    isFull: values[H.isFull] === 1,
    mediaAtMs: figure(H.mediaAtMs),
    costMs: figure(H.costMs),
    peerConnections: take(H.peerConnections, PC_SIZE),
    inbound: take(H.inbound, INBOUND_SIZE),
    outbound: take(H.outbound, OUTBOUND_SIZE),
  }
}

/** As in `health/pack.ts`. */
export function setCost(values: Float64Array, costMs: number): void {
  values[H.costMs] = costMs
}
