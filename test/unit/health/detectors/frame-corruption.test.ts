/** Pictures that are broken, told by key frames that are asked for again and again. */
import { describe, expect, it } from 'vitest'
import type { Memory } from '../../../../src/health/detectors/detector.js'
import { frameCorruption } from '../../../../src/health/detectors/frame-corruption.js'
import type { InboundView, Scene } from '../../../../src/health/scene.js'

const STEP_MS = 250

interface Second {
  readonly pliPerSecond: number
  readonly keyFramesPerSecond: number
}

/** The suspicion after each step of one picture that loses nothing. */
function suspicions(at: (atMs: number) => Second, seconds: number): readonly number[] {
  let memory: Memory = {}
  const values: number[] = []
  for (let atMs = 0; atMs < seconds * 1_000; atMs += STEP_MS) {
    const view = {
      ...{ key: '1:5', pc: 1, kind: 'video', peer: 'ana', connectionId: 'c', ageMs: 20_000 },
      ...{ lossRatio: 0, nackPerSecond: 0, firPerSecond: 0, droppedRatio: 0, corruption: Number.NaN },
      ...at(atMs),
    } as InboundView
    const detection = frameCorruption.detect(memory, { atMs, inbound: [view] } as unknown as Scene)
    memory = detection.memory
    values.push(detection.findings[0]?.value ?? 0)
  }
  return values
}

describe('broken pictures', () => {
  it('a picture that stood still and has its key frame is not broken a moment later', () => {
    const stall = (atMs: number): Second => ({
      pliPerSecond: atMs < 2_000 ? 2 : 0,
      keyFramesPerSecond: atMs === 2_000 ? 4 : 0,
    })
    const values = suspicions(stall, 6)
    expect(values[4]).toBeGreaterThan(0.4)
    expect(values.slice(8)).toEqual(values.slice(8).map(() => 0))
  })

  it('one that asks again and again is, however many key frames it gets', () => {
    const storm = (): Second => ({ pliPerSecond: 2, keyFramesPerSecond: 2 })
    const values = suspicions(storm, 6)
    expect(values.at(-1)).toBeGreaterThan(0.4)
    expect(values.filter((value) => value === 0).length).toBeLessThan(4)
  })
})
