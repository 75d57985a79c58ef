import { describe, expect, it } from 'vitest'
import type { Memory } from '../../../../src/health/detectors/detector.js'
import { syncLoss } from '../../../../src/health/detectors/sync-loss.js'
import { NO_FACTS } from '../../../../src/health/facts.js'
import type { InboundView, Scene } from '../../../../src/health/scene.js'

const STEP_MS = 1_000

/** Sound and picture of one person: `behindMs` tells how late the picture is at a moment. */
function findings(
  behindMs: (atMs: number) => number,
  seconds: number,
  {
    pictureOn = 1,
    ageMs = 20_000,
    pictureWaitsMs = 60,
    hasReports = true,
    soundPauses = (_atMs: number): boolean => false,
    stands = (_atMs: number): boolean => false,
  } = {},
): number[] {
  let memory: Memory = {}
  const values: number[] = []
  for (let atMs = 0; atMs < seconds * 1_000; atMs += STEP_MS) {
    const view = (kind: 'audio' | 'video', pc: number, playoutAtMs: number): InboundView =>
      ({
        ...{ key: `${pc}:${kind}`, pc, kind, peer: 'ana', ageMs: ageMs + atMs, stepMs: STEP_MS },
        ...{
          playoutAtMs: hasReports ? playoutAtMs : Number.NaN,
          packetsPerSecond: 50,
          sincePacketMs: kind === 'audio' && soundPauses(atMs) ? 2_000 : 20,
          decodedFps: stands(atMs) ? 0 : 30,
          isMuted: false,
          connectionId: 'c',
          jitterBufferMs: kind === 'video' ? pictureWaitsMs : 60,
        },
      }) as InboundView
    const inbound = [view('audio', 1, atMs), view('video', pictureOn, atMs - behindMs(atMs))]
    const scene = { atMs, inbound, outbound: [], paths: [], facts: NO_FACTS } as unknown as Scene
    const detection = syncLoss.detect(memory, scene)
    memory = detection.memory
    values.push(...detection.findings.map(({ value }) => value))
  }
  return values
}

describe('sound and picture apart', () => {
  it('measures a picture that is held back longer and longer', () => {
    expect(findings((atMs) => Math.min(3_000, atMs * 0.4), 20).at(-1)).toBeGreaterThan(2_500)
  })

  it('believes no clock that leaps, however large the difference', () => {
    expect(findings((atMs) => ((atMs / STEP_MS) % 2 === 0 ? 200 : 1_900), 30)).toEqual([200])
    expect(Math.max(...findings((atMs) => (atMs < 10_000 ? 0 : 15_000), 12))).toBeLessThan(100)
  })

  it('tells a picture that stood still and came back late also of a call that is young', () => {
    const young = { ageMs: 1_000, stands: (atMs: number) => atMs === 3_000 || atMs === 4_000 }
    expect(findings((atMs) => (atMs < 3_000 ? 0 : 2_000), 10, young).at(-1)).toBeGreaterThan(1_000)
  })

  it('leaves a start alone that has never been in step', () => {
    expect(findings(() => 2_000, 8, { ageMs: 1_000 })).toEqual([])
  })

  it('tells a picture that is held back here from the start on', () => {
    const held = { ageMs: 1_000, pictureWaitsMs: 2_000 }
    expect(findings(() => 2_000, 8, held).at(-1)).toBeGreaterThan(1_000)
  })

  it('goes by what waits here while no clock of the sender is known, and tells nothing less than a second', () => {
    const unknown = { ageMs: 1_000, hasReports: false }
    expect(findings(() => 0, 8, { ...unknown, pictureWaitsMs: 2_000 }).at(-1)).toBeGreaterThan(1_000)
    expect(findings(() => 0, 20, { ...unknown, pictureWaitsMs: 900 })).toEqual([])
  })

  it('believes no clock of a microphone that was gone and came back, until it was reported anew', () => {
    const gone = (atMs: number): boolean => atMs >= 5_000 && atMs < 8_000
    const values = (seconds: number): readonly number[] =>
      findings((atMs) => (atMs < 8_000 ? 0 : -1_300), seconds, { soundPauses: gone })
    expect(Math.max(...values(20))).toBe(0)
    expect(values(32).at(-1)).toBeGreaterThan(1_000)
  })

  it('compares nothing that comes over different connections', () => {
    expect(findings(() => 2_000, 20, { pictureOn: 2 })).toEqual([])
  })
})
