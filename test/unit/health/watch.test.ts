import { describe, expect, it } from 'vitest'
import type { Sample } from '../../../src/health/layout.js'
import { O } from '../../../src/health/layout.js'
import { newWatch, type ObservedConnection, takeSample, type Watch } from '../../../src/health/watch.js'

const CONNECTION: ObservedConnection = {
  connectionId: 'c1',
  provider: 'east',
  hasServer: true,
  expectsInbound: true,
  expectsOutbound: true,
  sample: null,
}

/** A full sample with one stream that is sent. */
function sampleAt(atMs: number, packetsSent: number, acknowledgement: number): Sample {
  const row = new Float64Array(Object.keys(O).length).fill(Number.NaN)
  row[O.pc] = 1
  row[O.ssrc] = 7
  row[O.kind] = 0
  row[O.packetsSent] = packetsSent
  row[O.acknowledgement] = acknowledgement
  return {
    atMs,
    isFull: true,
    mediaAtMs: atMs,
    inbound: [],
    outbound: [row],
    peerConnections: [],
  } as unknown as Sample
}

function play(rows: readonly (readonly [sent: number, acknowledged: number])[]): Watch {
  return rows.reduce((watch, [sent, acknowledged], second) => {
    const atMs = second * 1000
    return takeSample(watch, { ...CONNECTION, sample: sampleAt(atMs, sent, acknowledged) }, atMs)
  }, newWatch(CONNECTION))
}

describe('what is remembered of our own sending', () => {
  it('counts from the last report while packets leave', () => {
    expect(
      play([
        [10, 1],
        [20, 2],
        [30, 2],
        [40, 2],
      ]).unansweredSinceMs,
    ).toBe(1000)
  })

  it('is over with the next report', () => {
    expect(
      play([
        [10, 1],
        [20, 2],
        [30, 2],
        [40, 3],
      ]).unansweredSinceMs,
    ).toBeNull()
  })

  it('does not count while nothing is sent: a muted sender is not missed', () => {
    expect(
      play([
        [10, 1],
        [20, 2],
        [30, 2],
        [30, 2],
      ]).unansweredSinceMs,
    ).toBeNull()
  })
})

describe('the silence that is usual for somebody', () => {
  const heard = (watch: Watch, atMs: number, mediaAtMs: number): Watch =>
    takeSample(watch, { ...CONNECTION, sample: { ...sampleAt(atMs, 10, 1), mediaAtMs, isFull: false } }, atMs)
  const talking = [0, 250, 500].reduce((watch, atMs) => heard(watch, atMs, atMs), newWatch(CONNECTION))

  it('is learned when it has ended', () => {
    expect(heard(heard(talking, 1400, 500), 1500, 1450).usualSilenceMs).toBe(900)
  })

  it('is not learned from another witness of the same last packet', () => {
    expect(heard(heard(talking, 1400, 500), 1450, 520).usualSilenceMs).toBeLessThan(50)
  })
})
