import { describe, expect, it } from 'vitest'
import { healthRig } from '../../../support/health-rig.js'

/** Long enough for every beginning to be over. */
const WARM_MS = 20_000

describe('a decoder that stands still', () => {
  it('P55 a decoder that asked in vain is told in half a second where round trips are short, later where they are long', () => {
    const toldAfterMs = (rttMs: number): number | null => {
      const rig = healthRig()
      Object.assign(rig.own, { rttMs })
      rig.run(WARM_MS)
      const brokenMs = rig.atMs
      Object.assign(rig.senders.ana ?? {}, { decodedFps: 0, pliPerSecond: 5 })
      return rig.run(2_000).raisedAfterMs('decoder-stall', brokenMs)
    }
    expect(toldAfterMs(20)).toBeLessThanOrEqual(500)
    expect(toldAfterMs(180)).toBe(750)
  })

  it('P55 of a slow camera, which brings less than three frames between two looks, it is told as soon', () => {
    const rig = healthRig()
    Object.assign(rig.senders.ana ?? {}, { receivedFps: 10, decodedFps: 10 })
    rig.run(WARM_MS)
    const brokenMs = rig.atMs
    Object.assign(rig.senders.ana ?? {}, { decodedFps: 0, pliPerSecond: 4 })
    rig.run(250)
    // A decoder asks now and then, and goes on waiting.
    Object.assign(rig.senders.ana ?? {}, { pliPerSecond: 0 })
    rig.run(1_000)
    expect(rig.raisedAfterMs('decoder-stall', brokenMs)).toBeLessThanOrEqual(500)
    expect(rig.alert('decoder-stall', 'ana')?.severity).toBe('high')
  })

  it('P55 a picture that a loss has broken is the network’s, until the fresh one is overdue', () => {
    const rig = healthRig().run(WARM_MS)
    Object.assign(rig.senders.ana ?? {}, { decodedFps: 0, pliPerSecond: 5, lossRatio: 0.05 })
    rig.run(1_000)
    const lossEndedMs = rig.atMs
    Object.assign(rig.senders.ana ?? {}, { lossRatio: 0 })
    rig.run(1_250)
    expect(rig.alert('decoder-stall', 'ana')).toBeUndefined()
    rig.run(750)
    expect(rig.raisedAfterMs('decoder-stall', lossEndedMs)).toBeLessThanOrEqual(2_000)
  })
})
