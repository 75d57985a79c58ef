/**
 * ICE restart over WHIP (RFC 9725 section 4.3.2): our new credentials go out by PATCH, the server's come back,
 * and the last answer is applied again with them in place.
 */
import { HoldfastError } from '../../errors.js'
import type { SdpResource } from './resource.js'

const CREDENTIALS = /^a=ice-(?:ufrag|pwd):.*$/gm

/** Restarts; `provider-unsupported` without a resource, `provider-rejected` when the server does not. */
export async function restartIceOver(pc: RTCPeerConnection, resource: SdpResource | null): Promise<void> {
  const answer = pc.remoteDescription?.sdp
  if (!resource || !answer) throw new HoldfastError('provider-unsupported')
  pc.restartIce()
  await pc.setLocalDescription()
  const reply = await resource.patch(fragmentOf(pc.localDescription?.sdp ?? ''))
  const fresh = reply.match(CREDENTIALS) ?? []
  const candidates = reply.match(/^a=candidate:.*$/gm) ?? []
  if (fresh.length < 2) {
    await pc.setLocalDescription({ type: 'rollback' })
    throw new HoldfastError('provider-rejected', { message: 'The provider did not restart ICE.' })
  }
  await pc.setRemoteDescription({ type: 'answer', sdp: answerWith(answer, fresh, candidates) })
}

/** The new credentials of an offer as `application/trickle-ice-sdpfrag` (RFC 8840). */
export function fragmentOf(offer: string): string {
  const pick = (pattern: RegExp): string[] => offer.match(pattern)?.slice(0, 1) ?? []
  const lines = [
    ...pick(/^a=ice-ufrag:.*$/m),
    ...pick(/^a=ice-pwd:.*$/m),
    ...pick(/^m=.*$/m),
    ...pick(/^a=mid:.*$/m),
    ...[...new Set(offer.match(/^a=candidate:.*$/gm) ?? [])],
  ]
  return `${lines.map((line) => line.trimEnd()).join('\r\n')}\r\n`
}

function answerWith(answer: string, credentials: readonly string[], candidates: readonly string[]): string {
  const find = (name: string): string | undefined =>
    credentials.find((line) => line.startsWith(`a=ice-${name}:`))?.trimEnd()
  const withCredentials = answer
    .replace(/^a=ice-ufrag:.*$/gm, (old) => find('ufrag') ?? old.trimEnd())
    .replace(/^a=ice-pwd:.*$/gm, (old) => find('pwd') ?? old.trimEnd())
  if (candidates.length === 0) return withCredentials
  const kept = withCredentials.replace(/^a=candidate:.*\r?\n/gm, '')
  const lines = candidates.map((line) => line.trimEnd()).join('\r\n')
  return kept.replace(/^(a=mid:.*\r?\n)/m, `$1${lines}\r\n`)
}
