import { describe, expect, it } from 'vitest'
import { healthRig } from '../../../support/health-rig.js'

/** Long enough for every beginning to be over. */
const WARM_MS = 20_000

describe('media that does not leave', () => {
  it('P55 nothing of my own leaves though the path answers: grave at once, and nobody else is blamed', () => {
    const rig = healthRig().run(WARM_MS)
    const fromMs = rig.atMs
    Object.assign(rig.own, { isSending: false })
    rig.run(2_000)
    expect(rig.raisedAfterMs('one-way-media', fromMs)).toBeLessThanOrEqual(1_500)
    const { about, severity, blame } = rig.alert('one-way-media') ?? {}
    expect({ about, severity }).toEqual({ about: { type: 'me', id: '', media: null }, severity: 'high' })
    expect(blame).toMatchObject({ culprit: 'browser', evidence: ['own-media-stopped'] })
    Object.assign(rig.own, { isSending: true })
    rig.run(4_000)
    expect(rig.alert('one-way-media')).toBeUndefined()
  })

  it('P55 pictures that pause while sound goes on, and what has no sound at all, are no trouble of that kind', () => {
    const paused = healthRig().run(WARM_MS)
    Object.assign(paused.own, { isSending: false, isSoundSent: true })
    expect(paused.run(3_000).alert('one-way-media')).toBeUndefined()
    const soundless = healthRig().run(WARM_MS)
    soundless.facts.local = soundless.facts.local.filter(({ kind }) => kind === 'video')
    Object.assign(soundless.own, { isSending: false })
    expect(soundless.run(3_000).alert('one-way-media')).toBeUndefined()
  })
})
