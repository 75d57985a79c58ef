/**
 * Track names of one connection's own. Janus names tracks by m-line ("janus0", "janus1", ...), alike on every
 * server, and Chromium lets a MediaStream hold only one track of a name: beside a second connection the new
 * track could be added only after the old one has gone, with a moment of nothing between.
 */

/** `a=msid:` (RFC 8830) and its older form `a=ssrc:N msid:`, stream and track name in the last two groups. */
const MSID = /^(a=(?:msid:|ssrc:\d+ msid:))(\S+)(?: (\S+))?/gm

/** The offer with `prefix` before each stream and track name. */
export function withOwnTrackNames(offer: RTCSessionDescriptionInit, prefix: string): RTCSessionDescriptionInit {
  const sdp = offer.sdp?.replace(
    MSID,
    (_line, start: string, stream: string, track: string | undefined) =>
      `${start}${stream === '-' ? stream : `${prefix}-${stream}`}${track === undefined ? '' : ` ${prefix}-${track}`}`,
  )
  return { ...offer, ...(sdp === undefined ? {} : { sdp }) }
}
