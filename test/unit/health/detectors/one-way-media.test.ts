import { describe, expect, it } from 'vitest'
import { THEIR_DEVICE } from '../../../../src/health/alert.js'
import { healthRig } from '../../../support/health-rig.js'

/** Long enough for every beginning to be over. */
const WARM_MS = 20_000

describe('media that does not leave', () => {
  it('P55 nothing of my own leaves though the path answers: grave at once, and nobody else is blamed', () => {
    const rig = healthRig().run(WARM_MS)
    const fromMs = rig.atMs
    Object.assign(rig.own, { isSending: false })
    rig.run(2_000)
    expect(rig.raisedAfterMs('one-way-media', fromMs)).toBeLessThanOrEqual(750)
    const { about, severity, blame } = rig.alert('one-way-media') ?? {}
    expect({ about, severity }).toEqual({ about: { type: 'me', id: '', media: null }, severity: 'high' })
    expect(blame).toMatchObject({ culprit: 'browser', evidence: ['own-media-stopped'] })
    Object.assign(rig.own, { isSending: true })
    rig.run(4_000)
    expect(rig.alert('one-way-media')).toBeUndefined()
  })

  it('P55 what has just begun and stops is told as soon, and what has not begun is no standstill', () => {
    const rig = healthRig().run(1_500)
    const fromMs = rig.atMs
    Object.assign(rig.own, { isSending: false })
    rig.run(2_000)
    expect(rig.raisedAfterMs('one-way-media', fromMs)).toBeLessThanOrEqual(1_000)
    const silent = healthRig()
    Object.assign(silent.own, { isSending: false })
    expect(silent.run(2_500).alert('one-way-media')).toBeUndefined()
  })

  it('P55 sound alone that does not leave is told of the own side, and muted sound is not', () => {
    const rig = healthRig().run(WARM_MS)
    const fromMs = rig.atMs
    Object.assign(rig.own, { isSoundStopped: true })
    rig.run(4_000)
    expect(rig.raisedAfterMs('one-way-media', fromMs)).toBeLessThanOrEqual(2_500)
    const { about, severity, blame } = rig.alert('one-way-media') ?? {}
    expect({ about, severity }).toEqual({ about: { type: 'me', id: '', media: 'audio' }, severity: 'high' })
    expect(blame).toMatchObject({ culprit: 'browser', evidence: ['own-media-stopped'] })
    const muted = healthRig()
    muted.facts.local = muted.facts.local.map((one) => ({ ...one, isMuted: one.kind === 'audio' }))
    muted.run(WARM_MS)
    Object.assign(muted.own, { isSoundStopped: true })
    expect(muted.run(4_000).alert('one-way-media')).toBeUndefined()
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

  it('sound that never began has not died: an audio context may wait for a click', () => {
    const rig = healthRig()
    Object.assign(rig.own, { isSoundStopped: true })
    Object.assign(rig.senders.bob ?? {}, { audioPerSecond: 0 })
    rig.run(WARM_MS)
    expect([rig.alert('one-way-media'), rig.alert('one-way-media', 'bob')]).toEqual([undefined, undefined])
  })
})

describe('sound that does not come beside a picture that does', () => {
  it('P55 is told of whom it is missing, is grave within three seconds, and is over when it comes again', () => {
    const rig = healthRig().run(WARM_MS)
    const fromMs = rig.atMs
    Object.assign(rig.senders.bob ?? {}, { audioPerSecond: 0 })
    rig.run(3_250)
    expect(rig.raisedAfterMs('one-way-media', fromMs)).toBeLessThanOrEqual(2_000)
    const { about, severity } = rig.alert('one-way-media', 'bob') ?? {}
    expect({ about, severity }).toEqual({
      about: { type: 'peer', id: 'bob', media: 'audio' },
      severity: 'high',
    })
    Object.assign(rig.senders.bob ?? {}, { audioPerSecond: 50 })
    rig.run(4_000)
    expect(rig.alert('one-way-media', 'bob')).toBeUndefined()
  })

  it('is no trouble where it is muted, where there is no microphone, in the pauses of DTX, and just after unmuting', () => {
    for (const change of [{ muted: ['microphone'] }, { publishing: ['camera'] }]) {
      const rig = healthRig()
      rig.peer('bob', change)
      rig.run(WARM_MS)
      Object.assign(rig.senders.bob ?? {}, { audioPerSecond: 0 })
      expect(rig.run(6_000).incidents()).toEqual([])
      rig.peer('bob', { muted: [], publishing: ['camera', 'microphone'] })
      Object.assign(rig.senders.bob ?? {}, { audioPerSecond: 50 })
      expect(rig.run(1_000).incidents()).toEqual([])
    }
    const paused = healthRig().run(WARM_MS)
    Object.assign(paused.senders.bob ?? {}, { audioPerSecond: 2.5 })
    expect(paused.run(10_000).alert('one-way-media', 'bob')).toBeUndefined()
  })

  it('is their device where they say so themselves', () => {
    const rig = healthRig().run(WARM_MS)
    Object.assign(rig.senders.bob ?? {}, { audioPerSecond: 0 })
    rig.peer('bob', { word: { troubles: ['device', 'microphone'], senders: [] } })
    rig.run(4_000)
    const { blame } = rig.alert('one-way-media', 'bob') ?? {}
    expect(blame).toMatchObject({ culprit: 'sender', participant: 'bob', evidence: [THEIR_DEVICE] })
  })
})
