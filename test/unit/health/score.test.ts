import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mosOf, rFactor } from '../../../src/health/e-model.js'
import { unpackSample } from '../../../src/health/pack.js'
import { type IsMuted, type Rating, rateSample } from '../../../src/health/rating.js'
import { reduceStats, type StatEntry } from '../../../src/health/reduce.js'
import { type AudioFacts, audioScore } from '../../../src/health/score.js'
import { type VideoFacts, videoScore } from '../../../src/health/video-score.js'

describe('the E-model', () => {
  // Full G.107, G.711 with concealment, random loss: rows are loss in percent, columns one-way delay.
  const DELAYS_MS = [50, 100, 150, 300, 600, 1_200, 2_000]
  const POINTS: readonly (readonly [number, readonly number[]])[] = [
    [0, [4.41, 4.41, 4.41, 3.96, 2.99, 2.46, 2.32]],
    [1, [4.33, 4.33, 4.32, 3.81, 2.8, 2.27, 2.14]],
    [5, [3.92, 3.92, 3.92, 3.24, 2.17, 1.69, 1.58]],
    [10, [3.41, 3.41, 3.4, 2.65, 1.65, 1.27, 1.2]],
    [20, [2.63, 2.63, 2.62, 1.89, 1.14, 1, 1]],
    [60, [1.46, 1.46, 1.46, 1.06, 1, 1, 1]],
  ]
  it.each(POINTS)('P09 is within 0.1 MOS of its reference points at a loss of %i percent', (percent, row) => {
    row.forEach((mos, column) => {
      expect(Math.abs(mosOf(rFactor(DELAYS_MS[column] ?? 0, percent / 100)) - mos)).toBeLessThan(0.1)
    })
  })

  it('never leaves 1 to 4.5, also where its formula does', () => {
    for (const r of [-1e9, -50, 0, 3.2, 6.4, 50, 93.2, 100, 1e9, Number.NaN]) {
      expect(mosOf(r)).toBeGreaterThanOrEqual(1)
      expect(mosOf(r)).toBeLessThanOrEqual(4.5)
    }
  })

  it('takes loss in bursts worse than the same loss at random', () => {
    expect(rFactor(50, 0.05, 3)).toBeLessThan(rFactor(50, 0.05, 1))
  })
})

const ratio = fc.oneof(fc.double({ min: 0, max: 1 }), fc.constant(Number.NaN))
const ms = fc.oneof(fc.double({ min: 0, max: 5_000 }), fc.constant(Number.NaN), fc.constant(Infinity))
const audio: fc.Arbitrary<AudioFacts> = fc.record({
  lossRatio: ratio,
  concealedRatio: ratio,
  delayMs: ms,
  jitterMs: ms,
  bufferMs: ms,
})
const video: fc.Arbitrary<VideoFacts> = fc.record({
  fps: fc.oneof(fc.double({ min: 0, max: 60 }), fc.constant(Number.NaN)),
  freezeRatio: ratio,
  heightRatio: ratio,
  lossRatio: ratio,
  delayMs: ms,
  jitterMs: ms,
  qpRatio: ratio,
})

describe('scores', () => {
  it('are numbers from 0 to 100 with a MOS from 1 to 4.5, or null when nothing is known, for any facts', () => {
    fc.assert(
      fc.property(audio, video, (sound, picture) => {
        const heard = audioScore(sound)
        const seen = videoScore(picture)
        expect(heard === null).toBe(Object.values(sound).every(Number.isNaN))
        expect(seen === null).toBe(Object.values(picture).every(Number.isNaN))
        for (const score of [heard?.score, seen?.score])
          if (score !== undefined) expect(score >= 0 && score <= 100).toBe(true)
        if (heard) expect(heard.mos >= 1 && heard.mos <= 4.5).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('P09 never rise with more loss, delay, jitter or freeze, nor with fewer or smaller frames', () => {
    const more = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        audio,
        fc.constantFrom<keyof AudioFacts>('lossRatio', 'concealedRatio', 'delayMs', 'jitterMs', 'bufferMs'),
        more,
        (facts, key, by) => {
          const worse = { ...facts, [key]: facts[key] + by * (key.endsWith('Ratio') ? 1 : 2_000) }
          expect(audioScore(worse)?.score ?? 0).toBeLessThanOrEqual(audioScore(facts)?.score ?? 0)
          expect(audioScore(worse)?.mos ?? 0).toBeLessThanOrEqual(audioScore(facts)?.mos ?? 0)
        },
      ),
      { numRuns: 1_000 },
    )
    fc.assert(
      fc.property(
        video,
        fc.constantFrom<keyof VideoFacts>(
          'fps',
          'freezeRatio',
          'heightRatio',
          'lossRatio',
          'delayMs',
          'jitterMs',
          'qpRatio',
        ),
        more,
        (facts, key, by) => {
          const step =
            key === 'fps' ? -by * 30 : key === 'heightRatio' ? -by : by * (key.endsWith('Ratio') ? 1 : 2_000)
          const worse = { ...facts, [key]: facts[key] + step }
          expect(videoScore(worse)?.score ?? 0).toBeLessThanOrEqual(videoScore(facts)?.score ?? 0)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('name what costs most', () => {
    const calm = { lossRatio: 0, concealedRatio: 0, delayMs: 20, jitterMs: 2, bufferMs: 40 }
    expect(audioScore(calm)).toMatchObject({ score: 100, cause: null })
    expect(audioScore({ ...calm, concealedRatio: 0.1 })?.cause).toBe('loss')
    expect(audioScore({ ...calm, delayMs: 500 })?.cause).toBe('delay')
    expect(audioScore({ ...calm, bufferMs: 500 })?.cause).toBe('jitter')
    const clear = {
      fps: 25,
      freezeRatio: 0,
      heightRatio: 1,
      lossRatio: 0,
      delayMs: 20,
      jitterMs: 2,
      qpRatio: 0.2,
    }
    expect(videoScore(clear)).toEqual({ score: 100, cause: null })
    expect(videoScore({ ...clear, fps: 3 })?.cause).toBe('frame-rate')
    expect(videoScore({ ...clear, freezeRatio: 0.4 })?.cause).toBe('freeze')
    expect(videoScore({ ...clear, heightRatio: 0.25 })?.cause).toBe('resolution')
    expect(videoScore({ ...clear, qpRatio: 0.9 })?.cause).toBe('quantizer')
  })
})

/** A peer's picture and sound, second by second. */
function call(isMuted?: IsMuted) {
  let rating: Rating | undefined
  const sums = { packets: 0, lost: 0, frames: 0 }
  return (second: number, fps: number, lossRatio = 0, part: StatEntry = {}) => {
    sums.packets += 100 * (1 - lossRatio)
    sums.lost += 100 * lossRatio
    sums.frames += fps
    const counts = { packetsReceived: sums.packets, packetsLost: sums.lost }
    const entries: StatEntry[] = [
      { id: 'v', type: 'inbound-rtp', kind: 'video', ssrc: 1, ...counts, framesDecoded: sums.frames, ...part },
      { id: 'a', type: 'inbound-rtp', kind: 'audio', ssrc: 2, ...counts, jitter: 0.003 },
    ]
    const head = { atMs: second * 1_000, mediaAtMs: Number.NaN, costMs: 0 }
    const sample = unpackSample(reduceStats(head, [{ pc: 1, role: 'recv', entries, peerIndexOf: () => 0 }]))
    rating = (sample && rateSample(rating, sample, ['bob'], isMuted)) ?? rating
    return rating?.peers.bob
  }
}

describe('the score of a peer', () => {
  it('falls within two samples and rises again when the trouble is over', () => {
    const bob = call()
    for (const second of [0, 1, 2]) bob(second, 20)
    expect(bob(3, 20)).toMatchObject({ score: 100, audioScore: 100, videoScore: 100 })
    expect(bob(4, 20, 0.2)?.score).toBeLessThan(50)
    expect(bob(5, 20, 0.2)?.mos).toBeLessThan(3)
    expect(bob(6, 20)?.score).toBe(100)
  })

  it('is that of the worse of sound and picture, each told by itself', () => {
    const bob = call()
    for (const second of [0, 1, 2]) bob(second, 20)
    const still = bob(3, 0)
    expect(still).toMatchObject({ score: 0, mos: 1, videoScore: 0, audioScore: 100 })
  })

  it('does not count a camera that was muted', () => {
    const bob = call((_, kind) => kind === 'video')
    for (const second of [0, 1, 2]) bob(second, 1)
    expect(bob(3, 1)).toMatchObject({ score: 100, videoScore: null })
  })

  it('gives a new stream three seconds for its first frame', () => {
    const bob = call()
    expect(bob(0, 0)?.score).toBeNull()
    expect(bob(1, 0)?.score).toBe(100)
    expect(bob(2, 0)?.score).toBe(100)
    expect(bob(3, 0)?.score).toBe(0)
    expect(bob(4, 12)?.score).toBe(100)
  })

  it('counts a smaller picture than before, and forgets the larger one', () => {
    const bob = call()
    for (const second of [0, 1, 2]) bob(second, 20, 0, { frameHeight: 720 })
    const small = bob(3, 20, 0, { frameHeight: 180 })?.score ?? 100
    expect(small).toBeLessThan(65)
    let later = small
    for (let second = 4; second < 120; second += 1) later = bob(second, 20, 0, { frameHeight: 180 })?.score ?? 0
    expect(later).toBe(100)
  })
})
