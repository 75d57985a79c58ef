import { describe, expect, it } from 'vitest'
import { checkOffer, type Flow, withBundledPorts } from '../../../../src/server/sfu/offer.js'

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

describe('sections that are only sent bundled', () => {
  const bundled = (port: number) => `m=video ${port} UDP/TLS/RTP/SAVPF 120\r\na=bundle-only\r\na=mid:1\r\n`

  it('have a port for the stack, as Firefox writes none', () => {
    const whole = (port: number) => `v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 109\r\na=mid:0\r\n${bundled(port)}`
    expect(withBundledPorts(whole(0))).toBe(whole(9))
    expect(withBundledPorts(whole(4711))).toBe(whole(4711))
  })

  it('are told from sections that are rejected', () => {
    const rejected = 'v=0\nm=audio 0 UDP/TLS/RTP/SAVPF 109\na=mid:0\n'
    expect(withBundledPorts(rejected)).toBe(rejected)
    expect(withBundledPorts('hello')).toBe('hello')
  })
})
