/** Recognises the packet that begins a VP8 key frame: the point where a new viewer can start decoding. */

const EXTENDED = 0x80
const START_OF_PARTITION = 0x10
const PARTITION_INDEX = 0x07
const HAS_PICTURE_ID = 0x80
const HAS_TL0PICIDX = 0x40
const HAS_TID_OR_KEYIDX = 0x30
const IS_LONG_PICTURE_ID = 0x80
const IS_INTER_FRAME = 0x01

/** True when this RTP payload is the first of a key frame (RFC 7741 sections 4.2 and 4.3). */
export function isKeyFrameStart(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0
  if ((first & START_OF_PARTITION) === 0 || (first & PARTITION_INDEX) !== 0) return false
  const header = payload[descriptorLength(payload, first)]
  return header !== undefined && (header & IS_INTER_FRAME) === 0
}

function descriptorLength(payload: Uint8Array, first: number): number {
  if ((first & EXTENDED) === 0) return 1
  const extension = payload[1] ?? 0
  let length = 2
  if ((extension & HAS_PICTURE_ID) !== 0) length += ((payload[length] ?? 0) & IS_LONG_PICTURE_ID) !== 0 ? 2 : 1
  if ((extension & HAS_TL0PICIDX) !== 0) length += 1
  if ((extension & HAS_TID_OR_KEYIDX) !== 0) length += 1
  return length
}
