/**
 * Sender reports (RFC 3550 section 6.4.1) of a forwarded stream: which moment of the publisher's clock each
 * timestamp stands for. Receivers keep sound and picture in step by them. The publisher's own readings are passed
 * on, moved to the outgoing timestamps; what werift writes by itself is the time of forwarding with a broken
 * fraction, up to a second off, and browsers then held sound back by that second.
 */
import type { RTCRtpSender, RtpPacket } from 'werift'
import type { WeriftModule } from '../dependencies.js'

/** One moment in both clocks of a publisher, as it reported it. */
export interface ClockReading {
  /** Seconds since 1900 with 32 bits of fraction. */
  readonly ntpTimestamp: bigint
  readonly rtpTimestamp: number
  /** When it came in, by the server's clock. */
  readonly atMs: number
}

/** Writes the reports of one outgoing stream. */
export interface SenderReports {
  /** A packet has been sent; `sentTimestamp` is what became of its timestamp. */
  sent(packet: RtpPacket, sentTimestamp: number, reading: ClockReading | undefined, nowMs: number): void
}

/** Browsers need two reports for a clock, and sound and picture must be in step before somebody notices. */
const REPORT_INTERVAL_MS = 1_000

/**
 * A reading that is this far from what is being sent belongs to a clock that has stopped since: a browser's sound
 * stands still while no track is sent, its reports go on.
 */
const OFF_MAX_MS = 1_000

const TIMESTAMP_MODULUS = 0x1_0000_0000
const NTP_UNITS_PER_MS = TIMESTAMP_MODULUS / 1_000

/** Takes the reports of `sender` over from werift. */
export function createSenderReports(
  werift: WeriftModule,
  sender: RTCRtpSender,
  clockRateHz: number,
): SenderReports {
  // Taken for running, werift's own loop never starts.
  sender.rtcpRunning = true
  let packetCount = 0
  let octetCount = 0
  let reportedAtMs = Number.NEGATIVE_INFINITY
  return {
    sent(packet, sentTimestamp, reading, nowMs) {
      packetCount += 1
      octetCount += packet.payload.length
      if (nowMs - reportedAtMs < REPORT_INTERVAL_MS || reading === undefined) return
      const now = readingAt(reading, clockRateHz, nowMs)
      const aheadOfPacket = signedDistance(now.rtpTimestamp, packet.header.timestamp)
      if (Math.abs(aheadOfPacket) > (OFF_MAX_MS * clockRateHz) / 1_000) return
      reportedAtMs = nowMs
      const senderInfo = new werift.RtcpSenderInfo({
        ntpTimestamp: now.ntpTimestamp,
        rtpTimestamp: wrapped(sentTimestamp + aheadOfPacket),
        packetCount: wrapped(packetCount),
        octetCount: wrapped(octetCount),
      })
      const report = new werift.RtcpSrPacket({ ssrc: sender.ssrc, senderInfo })
      // One that is lost is followed by the next.
      sender.dtlsTransport.sendRtcp([report]).catch(() => undefined)
    },
  }
}

/** The same clocks later: both have gone on by the time that passed. */
export function readingAt(reading: ClockReading, clockRateHz: number, nowMs: number): ClockReading {
  const elapsedMs = nowMs - reading.atMs
  return {
    ntpTimestamp: reading.ntpTimestamp + BigInt(Math.round(elapsedMs * NTP_UNITS_PER_MS)),
    rtpTimestamp: wrapped(reading.rtpTimestamp + Math.round((elapsedMs * clockRateHz) / 1_000)),
    atMs: nowMs,
  }
}

/** How far `timestamp` is ahead of `reference`, negative behind it; half of the range is ahead. */
export function signedDistance(timestamp: number, reference: number): number {
  const distance = wrapped(timestamp - reference)
  return distance < TIMESTAMP_MODULUS / 2 ? distance : distance - TIMESTAMP_MODULUS
}

function wrapped(value: number): number {
  return ((value % TIMESTAMP_MODULUS) + TIMESTAMP_MODULUS) % TIMESTAMP_MODULUS
}
