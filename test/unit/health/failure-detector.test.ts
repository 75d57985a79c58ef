import { describe, expect, it } from 'vitest'
import {
  CONFIRM_MAX_MS,
  CONFIRM_MS,
  CONFIRMED,
  type Detector,
  type EvidenceStream,
  excused,
  heard,
  limitsOf,
  newDetector,
  paced,
  SUSPECT,
  SUSPECT_MAX_MS,
  SUSPECT_MS,
  silenceOf,
  suspicionOf,
} from '../../../src/health/failure-detector.js'

/** Evidence every `everyMs` from `fromMs` up to and with `toMs`. */
function fed(
  detector: Detector,
  stream: EvidenceStream,
  fromMs: number,
  toMs: number,
  everyMs: number,
): Detector {
  let now = detector
  for (let atMs = fromMs; atMs <= toMs; atMs += everyMs) now = heard(now, stream, atMs)
  return now
}

const calm = (): Detector => {
  let now = newDetector()
  for (let atMs = 0; atMs <= 30_000; atMs += 250) {
    now = heard(now, 'media', atMs)
    if (atMs % 1000 === 0) now = heard(now, 'beat', atMs)
  }
  return now
}

describe('failure detector', () => {
  it('P11 a silent disconnect is suspected within 1.3 s and confirmed within 3 s where evidence is dense', () => {
    const peer = calm()
    expect(limitsOf(peer)).toEqual({ suspectMs: SUSPECT_MS, confirmMs: CONFIRM_MS })
    expect(suspicionOf(peer, 30_000 + SUSPECT_MS - 1)).toBeLessThan(SUSPECT)
    expect(suspicionOf(peer, 30_000 + 1_300)).toBeGreaterThanOrEqual(SUSPECT)
    expect(suspicionOf(peer, 30_000 + CONFIRM_MS - 1)).toBeLessThan(CONFIRMED)
    expect(suspicionOf(peer, 30_000 + CONFIRM_MS)).toBeGreaterThanOrEqual(CONFIRMED)
  })

  it('suspicion grows steadily with the silence', () => {
    const peer = calm()
    const levels = Array.from({ length: 50 }, (_, index) => suspicionOf(peer, 30_000 + index * 100))
    expect(levels).toEqual([...levels].sort((a, b) => a - b))
  })

  it('P14 somebody of whom only heartbeats come gets a whole beat more, and no more than 3.5 s', () => {
    const peer = fed(newDetector(), 'beat', 0, 60_000, 1000)
    const { suspectMs, confirmMs } = limitsOf(peer)
    expect(suspectMs).toBeGreaterThan(1_700)
    expect(suspectMs).toBeLessThan(2_100)
    expect(confirmMs).toBeLessThanOrEqual(CONFIRM_MAX_MS)
  })

  it('who announced that it beats every five seconds gets the time of two more beats', () => {
    const peer = fed(paced(newDetector(), 5000), 'beat', 0, 100_000, 5000)
    expect(limitsOf(peer).suspectMs).toBeGreaterThan(5000)
    expect(limitsOf(peer).confirmMs).toBeGreaterThan(10_000)
    expect(limitsOf(paced(peer, 1000)).confirmMs).toBeLessThanOrEqual(CONFIRM_MAX_MS)
  })

  it('media that pauses while heartbeats go on raises no suspicion', () => {
    let peer = calm()
    for (let atMs = 31_000; atMs <= 60_000; atMs += 1000) {
      expect(suspicionOf(peer, atMs - 1)).toBeLessThan(SUSPECT)
      peer = heard(peer, 'beat', atMs)
    }
    expect(limitsOf(peer).suspectMs).toBeGreaterThan(1_700)
  })

  it('long silences that ended by themselves earn more time, for a while', () => {
    const rough = heard(calm(), 'media', 31_800)
    expect(limitsOf(rough).suspectMs).toBe(SUSPECT_MAX_MS)
    expect(limitsOf(rough).confirmMs).toBe(CONFIRM_MAX_MS)
    const calmAgain = fed(rough, 'media', 32_000, 120_000, 250)
    expect(limitsOf(calmAgain).suspectMs).toBe(SUSPECT_MS)
  })

  it('a silence that still runs never stretches its own limit', () => {
    const peer = calm()
    const before = limitsOf(peer)
    suspicionOf(peer, 90_000)
    expect(limitsOf(peer)).toEqual(before)
  })

  it('older evidence, and the same again, change nothing', () => {
    const peer = calm()
    expect(heard(peer, 'media', 29_000)).toBe(peer)
    expect(heard(peer, 'media', 30_000)).toBe(peer)
  })

  it('what we slept through counts as nothing and is not learned', () => {
    const peer = excused(calm(), 90_000)
    expect(silenceOf(peer, 90_000)).toBe(0)
    expect(limitsOf(heard(peer, 'media', 90_500)).suspectMs).toBe(SUSPECT_MS)
  })

  it('nobody is suspected before it was ever heard', () => {
    expect(suspicionOf(newDetector(), 1_000_000)).toBe(0)
  })
})
