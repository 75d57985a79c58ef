/**
 * Looks at an offer before the WebRTC stack does, so that a client that got something wrong is told what, and
 * so that no half-made connection is left behind. It reads lines only; the stack does the parsing.
 */
import { Refusal } from '../http.js'

/** Which way media goes through the connection, seen from the SFU. */
export type Flow = 'from-publisher' | 'to-subscriber'

const CODECS: Readonly<Record<string, RegExp>> = {
  audio: /^a=rtpmap:\d+ opus\/48000/im,
  video: /^a=rtpmap:\d+ vp8\/90000/im,
}

/** Port of a section whose addresses are told elsewhere (RFC 8839 section 4.1.1). */
const DISCARD_PORT = 9

/** Throws a {@link Refusal} with a reason when this offer cannot work. */
export function checkOffer(sdp: string, flow: Flow): void {
  if (!/^v=0\r?\n/.test(sdp)) throw new Refusal(400, 'The body is not SDP: it does not begin with v=0.')
  const sections = sdp.split(/^(?=m=)/m).slice(1)
  const media = sections.filter((section) => /^m=(audio|video) /.test(section))
  if (media.length === 0) throw new Refusal(400, 'The offer has no audio and no video section.')
  for (const needed of ['ice-ufrag', 'ice-pwd', 'fingerprint'])
    if (!new RegExp(`^a=${needed}:`, 'm').test(sdp)) throw new Refusal(400, `The offer has no a=${needed}.`)
  for (const kind of ['audio', 'video']) checkKind(kind, media, flow)
}

/**
 * The offer with a port in every section that is only sent bundled: RFC 8843 section 6 has port 0 there beside
 * `a=bundle-only`, which Firefox writes, and the stack takes a zero for a rejected section.
 */
export function withBundledPorts(sdp: string): string {
  const [session = '', ...sections] = sdp.split(/^(?=m=)/m)
  return [
    session,
    ...sections.map((section) =>
      /^a=bundle-only\r?$/m.test(section) ? section.replace(/^(m=\w+) 0 /, `$1 ${DISCARD_PORT} `) : section,
    ),
  ].join('')
}

function checkKind(kind: string, media: readonly string[], flow: Flow): void {
  const sections = media.filter((section) => section.startsWith(`m=${kind} `))
  if (sections.length > 1) throw new Refusal(422, `The offer has more than one ${kind} section; one is served.`)
  const section = sections[0]
  if (section === undefined) return
  if (!CODECS[kind]?.test(section))
    throw new Refusal(422, `The ${kind} section offers no codec of this server (Opus, VP8).`)
  const wrong = flow === 'from-publisher' ? 'recvonly' : 'sendonly'
  if (new RegExp(`^a=${wrong}\\r?$`, 'm').test(section))
    throw new Refusal(422, `The ${kind} section is ${wrong}, which is the wrong way for this resource.`)
}
