import { describe, expect, it } from 'vitest'
import { RtpHeader, RtpPacket } from 'werift'
import { createReplay } from '../../../../src/server/sfu/replay.js'

const packet = (sequenceNumber: number, isKeyFrame: boolean): RtpPacket =>
  new RtpPacket(
    new RtpHeader({ sequenceNumber, timestamp: sequenceNumber * 3_000 }),
    Buffer.of(0x10, isKeyFrame ? 0x00 : 0x01),
  )

const numbers = (packets: readonly RtpPacket[]): number[] => packets.map(({ header }) => header.sequenceNumber)

describe('the picture that a new viewer gets', () => {
  it('is everything since the last key frame', () => {
    const replay = createReplay()
    replay.push(packet(1, false), 0)
    expect(replay.packets(0)).toEqual([])
    for (const sequenceNumber of [2, 3, 4]) replay.push(packet(sequenceNumber, sequenceNumber === 2), 10)
    expect(numbers(replay.packets(20))).toEqual([2, 3, 4])
    replay.push(packet(5, true), 30)
    expect(numbers(replay.packets(30))).toEqual([5])
  })

  it('is not cut by a first packet that was sent again', () => {
    const replay = createReplay()
    for (const sequenceNumber of [2, 3]) replay.push(packet(sequenceNumber, sequenceNumber === 2), 0)
    replay.push(packet(2, true), 5)
    expect(numbers(replay.packets(5))).toEqual([2, 3])
  })

  it('is nothing when the key frame is too old or too much has followed it', () => {
    const old = createReplay()
    old.push(packet(1, true), 0)
    expect(old.packets(601)).toEqual([])
    const long = createReplay()
    for (let sequenceNumber = 1; sequenceNumber <= 161; sequenceNumber += 1)
      long.push(packet(sequenceNumber, sequenceNumber === 1), 0)
    expect(long.packets(0)).toEqual([])
    long.push(packet(200, false), 0)
    expect(long.packets(0)).toEqual([])
  })

  it('is nothing after the source changed', () => {
    const replay = createReplay()
    replay.push(packet(1, true), 0)
    replay.clear()
    expect(replay.packets(0)).toEqual([])
  })
})
