import { describe, expect, it } from 'vitest'
import type { RTCRtpSender, RtcpPacket } from 'werift'
import * as werift from 'werift'
import { createSenderReports, readingAt, signedDistance } from '../../../../src/server/sfu/sender-reports.js'

const AUDIO_HZ = 48_000
const SECOND = 2n ** 32n
const READING = { ntpTimestamp: 4_000_000_000n * SECOND, rtpTimestamp: 10_000, atMs: 1_000 }

/** A sender that keeps what it is given. */
function fakeSender() {
  const written: werift.RtcpSrPacket[] = []
  const dtlsTransport = {
    sendRtcp: async (packets: RtcpPacket[]) => void written.push(...(packets as werift.RtcpSrPacket[])),
  }
  const sender = { ssrc: 7, rtcpRunning: false, dtlsTransport } as unknown as RTCRtpSender
  return { sender, written }
}

const packetAt = (timestamp: number) =>
  new werift.RtpPacket(new werift.RtpHeader({ timestamp }), Buffer.alloc(100))

describe('sender reports of a forwarded stream', () => {
  it("tells the publisher's clock at the outgoing timestamps, once a second", () => {
    const { sender, written } = fakeSender()
    const reports = createSenderReports(werift, sender, AUDIO_HZ)
    for (let atMs = 1_000; atMs < 3_000; atMs += 20) {
      const timestamp = 10_000 + (atMs - 1_000) * 48
      reports.sent(packetAt(timestamp), timestamp + 500_000, READING, atMs)
    }
    expect(written.map(({ ssrc, senderInfo }) => ({ ssrc, ...senderInfo }))).toEqual([
      {
        ssrc: 7,
        ntpTimestamp: READING.ntpTimestamp,
        rtpTimestamp: 510_000,
        packetCount: 1,
        octetCount: 100,
      },
      {
        ssrc: 7,
        ntpTimestamp: READING.ntpTimestamp + SECOND,
        rtpTimestamp: 510_000 + AUDIO_HZ,
        packetCount: 51,
        octetCount: 5_100,
      },
    ])
  })

  it('says nothing before the publisher has said it, nor of a clock that has stood still since', () => {
    const { sender, written } = fakeSender()
    const reports = createSenderReports(werift, sender, AUDIO_HZ)
    reports.sent(packetAt(10_000), 10_000, undefined, 1_000)
    reports.sent(packetAt(10_960), 10_960, READING, 21_000)
    expect(written).toEqual([])
  })

  it("keeps werift's own reports from being written", () => {
    const { sender } = fakeSender()
    createSenderReports(werift, sender, AUDIO_HZ)
    expect(sender.rtcpRunning).toBe(true)
  })
})

it('moves both clocks on by the time that passed, wrapping the timestamp', () => {
  const late = readingAt({ ...READING, rtpTimestamp: 0xff_ff_ff_ff }, AUDIO_HZ, 1_500)
  expect(late).toEqual({ ntpTimestamp: READING.ntpTimestamp + SECOND / 2n, rtpTimestamp: 23_999, atMs: 1_500 })
})

it('counts distances across the wrap in both directions', () => {
  expect(signedDistance(5, 0xff_ff_ff_ff)).toBe(6)
  expect(signedDistance(0xff_ff_ff_ff, 5)).toBe(-6)
})
