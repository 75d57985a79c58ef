import { describe, expect, it } from 'vitest'
import { missing, noteArrivals } from '../../../../src/health/detectors/missing-media.js'
import type { Scene } from '../../../../src/health/scene.js'
import { healthRig } from '../../../support/health-rig.js'

/** Long enough for every beginning to be over. */
const WARM_MS = 20_000
/** A person who asks what is wrong has waited for as long. */
const TOLD_WITHIN_MS = 3_000
const CURRENT = {
  ...{ connectionId: 'c1', provider: 'east', hasServer: true, isCurrent: true, isRead: true, verdict: null },
  ...{ expectsInbound: true, expectsOutbound: true },
}
/** Of sound no frames are counted. */
const NEVER_DECODED = { framesDecoded: Number.NaN, sinceDecodedMs: Number.NaN }

describe('media that came and has no stream any more', () => {
  it('P55 is told within three seconds, about all that is missing, and is over when it comes again', () => {
    const rig = healthRig().run(WARM_MS)
    const fromMs = rig.atMs
    const bob = rig.senders.bob
    delete rig.senders.bob
    rig.run(TOLD_WITHIN_MS)
    expect(rig.raisedAfterMs('one-way-media', fromMs)).toBeLessThanOrEqual(TOLD_WITHIN_MS)
    const { about, severity } = rig.alert('one-way-media', 'bob') ?? {}
    expect({ about, severity }).toEqual({ about: { type: 'peer', id: 'bob', media: null }, severity: 'medium' })
    rig.run(TOLD_WITHIN_MS)
    expect(rig.alert('one-way-media', 'bob')?.severity).toBe('high')
    if (bob !== undefined) rig.senders.bob = bob
    rig.run(5_000)
    expect(rig.alert('one-way-media', 'bob')).toBeUndefined()
  })

  it('P55 is told however often what is received was made anew in the meantime', () => {
    const rig = healthRig().run(WARM_MS)
    const bob = rig.senders.bob
    delete rig.senders.bob
    rig.run(6_000)
    if (bob !== undefined) rig.senders.bob = { ...bob, audioPerSecond: 0 }
    rig.run(1_000)
    delete rig.senders.bob
    rig.run(4_000)
    expect(rig.alert('one-way-media', 'bob')?.about.media).toBe(null)
  })

  it('P55 a receiver that gets packets and never makes a picture of them brings no picture', () => {
    const rig = healthRig().run(WARM_MS)
    const [bob] = rig.facts.peers.filter(({ id }) => id === 'bob')
    const sceneOf = (atMs: number, framesDecoded: number, sinceDecodedMs: number): Scene => ({
      ...{ atMs, isOnline: true, latenessMs: 0, hasFacts: true, inbound: [], outbound: [], paths: [] },
      facts: { ...rig.facts, peers: bob === undefined ? [] : [bob] },
      connections: [{ ...CURRENT }],
      arriving: [
        { peer: 'bob', kind: 'video', ageMs: 9_000, sincePacketMs: 20, framesDecoded, sinceDecodedMs },
        { ...{ peer: 'bob', kind: 'audio', ageMs: 9_000, sincePacketMs: 20 }, ...NEVER_DECODED },
      ],
    })
    const came = noteArrivals({}, sceneOf(1_000, 300, 20))
    const late = sceneOf(4_000, 0, 500)
    expect(missing(noteArrivals(came, late), late)).toMatchObject([{ about: { id: 'bob', media: 'video' } }])
    const well = sceneOf(4_000, 20, 50)
    expect(missing(noteArrivals(came, well), well)).toEqual([])
  })

  it('the others are told that it does not come', () => {
    const rig = healthRig().run(WARM_MS)
    delete rig.senders.bob
    rig.run(TOLD_WITHIN_MS)
    expect(rig.reports.at(-1)?.word.senders).toContainEqual({ participant: 'bob', sight: 'silent' })
  })

  it('is no trouble where it never came, is muted, is not published any more, or its sender is not heard of', () => {
    const never = healthRig()
    delete never.senders.bob
    expect(never.run(WARM_MS).incidents()).toEqual([])
    for (const change of [
      { muted: ['camera', 'microphone'] },
      { publishing: [] },
      { isAway: true },
      { suspicion: 'suspect' },
    ] as const) {
      const rig = healthRig().run(WARM_MS)
      rig.peer('bob', change)
      delete rig.senders.bob
      rig.run(8_000)
      expect(rig.alert('one-way-media', 'bob')).toBeUndefined()
    }
  })

  it('P55 is told also when it stopped before statistics saw it, and the page had', () => {
    const rig = healthRig()
    delete rig.senders.bob
    rig.run(500)
    rig.peer('bob', { came: ['audio', 'video'] })
    rig.run(2 * TOLD_WITHIN_MS)
    expect(rig.alert('one-way-media', 'bob')?.about.media).toBe(null)
  })

  it('who unmutes has the time that media needs to come, and no more', () => {
    const rig = healthRig().run(WARM_MS)
    rig.peer('bob', { muted: ['camera', 'microphone'] })
    delete rig.senders.bob
    rig.run(8_000)
    rig.peer('bob', { muted: [] })
    expect(rig.run(1_500).alert('one-way-media', 'bob')).toBeUndefined()
    expect(rig.run(2_500).alert('one-way-media', 'bob')?.about.media).toBe(null)
  })

  it('is left to who tells of a dead connection', () => {
    const rig = healthRig().run(WARM_MS)
    delete rig.senders.bob
    rig.judge({ connectionId: 'c1', state: 'dead', blame: 'path', evidence: [], silentForMs: 1_000 })
    expect(rig.run(4_000).alert('one-way-media', 'bob')).toBeUndefined()
  })
})
