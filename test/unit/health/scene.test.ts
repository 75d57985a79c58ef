import { describe, expect, it } from 'vitest'
import { healthRig } from '../../support/health-rig.js'

/** Long enough for every beginning to be over. */
const WARM_MS = 20_000

describe('one moment of a call', () => {
  it('P55 a connection that stood by silently is not blamed for it when the call moves back', () => {
    const rig = healthRig().run(WARM_MS)
    rig.isStandby = true
    const silent = { packetsPerSecond: 0, receivedFps: 0, decodedFps: 0, audioPerSecond: 0 }
    for (const sender of Object.values(rig.senders)) Object.assign(sender, silent)
    rig.own.isSending = false
    rig.run(WARM_MS)
    rig.isStandby = false
    const flowing = { packetsPerSecond: 100, receivedFps: 30, decodedFps: 30, audioPerSecond: 50 }
    rig.run(500)
    for (const sender of Object.values(rig.senders)) Object.assign(sender, flowing)
    rig.own.isSending = true
    rig.run(WARM_MS)
    expect(rig.incidents()).toEqual([])
  })
})
