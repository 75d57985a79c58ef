import { describe, expect, it } from 'vitest'
import { checkOffer, type Flow } from '../../../../src/server/sfu/offer.js'

const section = (kind: 'audio' | 'video', direction: string, codec: string): string =>
  [`m=${kind} 9 UDP/TLS/RTP/SAVPF 96`, `a=${direction}`, `a=rtpmap:96 ${codec}`].join('\r\n')

const offer = (...sections: string[]): string =>
  ['v=0', 'a=ice-ufrag:x', 'a=ice-pwd:y', 'a=fingerprint:sha-256 00', ...sections, ''].join('\r\n')

const audio = (direction: string) => section('audio', direction, 'opus/48000/2')
const video = (direction: string) => section('video', direction, 'VP8/90000')

const reason = (sdp: string, flow: Flow = 'from-publisher'): string => {
  try {
    checkOffer(sdp, flow)
    return ''
  } catch (error) {
    return `${(error as { status: number }).status} ${(error as Error).message}`
  }
}

describe('a look at offers', () => {
  it('lets pass what can work', () => {
    expect(reason(offer(audio('sendonly'), video('sendonly')))).toBe('')
    expect(reason(offer(video('sendrecv')))).toBe('')
    expect(reason(offer(audio('inactive')))).toBe('')
    expect(reason(offer(audio('recvonly'), video('recvonly')), 'to-subscriber')).toBe('')
  })

  it('names what is missing', () => {
    expect(reason('hello')).toMatch(/^400 .*v=0/)
    expect(reason(offer())).toMatch(/^400 .*no audio and no video/)
    expect(reason(offer('m=application 9 UDP/DTLS/SCTP webrtc-datachannel'))).toMatch(/^400 /)
    expect(reason(offer(audio('sendonly')).replace('a=ice-pwd:y', 'a=x'))).toMatch(/^400 .*ice-pwd/)
    expect(reason(offer(audio('sendonly')).replace('a=fingerprint', 'a=x'))).toMatch(/^400 .*fingerprint/)
  })

  it('names what is not served', () => {
    expect(reason(offer(section('video', 'sendonly', 'H264/90000')))).toMatch(/^422 .*codec/)
    expect(reason(offer(video('sendonly'), video('sendonly')))).toMatch(/^422 .*more than one video/)
    expect(reason(offer(audio('recvonly')))).toMatch(/^422 .*wrong way/)
    expect(reason(offer(audio('sendonly')), 'to-subscriber')).toMatch(/^422 .*wrong way/)
  })
})
