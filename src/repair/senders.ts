/**
 * Our own senders on a connection, found by the tracks they send: every adapter with peer connections lists them, so
 * limits and codecs need nothing of an adapter.
 */
import type { LocalTrack, TrackSource } from '../providers/provider.js'
import type { LiveConnection } from './world.js'

/** A sender with what it sends. */
export interface OwnSender {
  readonly sender: RTCRtpSender
  readonly source: TrackSource
}

/** Senders of our pictures. */
export function videoSendersOf(
  { connection }: LiveConnection,
  own: readonly LocalTrack[],
): readonly OwnSender[] {
  const sources = new Map(own.map(({ track, source }) => [track, source]))
  return (connection.peerConnections?.() ?? []).flatMap(({ pc, role }) =>
    role === 'recv'
      ? []
      : pc.getSenders().flatMap((sender) => {
          const source = sender.track === null ? undefined : sources.get(sender.track)
          return source === undefined || sender.track?.kind !== 'video' ? [] : [{ sender, source }]
        }),
  )
}

/** Changes what an encoder is told; once more where somebody else's change came between reading and writing. */
export async function tune(
  sender: RTCRtpSender,
  change: (encoding: RTCRtpEncodingParameters, parameters: RTCRtpSendParameters) => void,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const parameters = sender.getParameters()
    if (parameters.encodings.length === 0) return false
    for (const encoding of parameters.encodings) change(encoding, parameters)
    try {
      await sender.setParameters(parameters)
      return true
    } catch {
      // Another change was under way (InvalidStateError), or the sender is gone; the next try tells which.
    }
  }
  return false
}

/** Two changes at a time are rare, three have not been seen. */
const TRIES_MAX = 3
