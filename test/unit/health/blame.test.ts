import { describe, expect, it } from 'vitest'
import { elsewhere, lonePc } from '../../../src/health/detectors/elsewhere.js'
import { diagnose } from '../../../src/health/diagnosis.js'
import type { OutboundView } from '../../../src/health/scene.js'
import { healthRig } from '../../support/health-rig.js'

const WARM_MS = 20_000
const DOWNLINK = { lossRatio: 0.4, packetsPerSecond: 30 }

/** What leaves for one receiver. */
const sending = (pc: number): OutboundView => ({ pc, kind: 'video', isMuted: false }) as OutboundView

describe('blame', () => {
  it('two senders that lose packets together are not at fault', () => {
    const rig = healthRig().run(WARM_MS)
    for (const id of ['ana', 'bob']) Object.assign(rig.senders[id] ?? {}, DOWNLINK)
    rig.run(8_000)
    const blamed = rig.alerts().map(({ blame }) => blame.culprit)
    expect(blamed).toContain('my-network')
    expect(blamed).not.toContain('sender')
  })

  it('one sender alone that loses packets is', () => {
    const rig = healthRig().run(WARM_MS)
    Object.assign(rig.senders.ana ?? {}, DOWNLINK)
    rig.run(8_000)
    expect(rig.alert('packet-loss', 'ana')?.blame).toMatchObject({ culprit: 'sender', participant: 'ana' })
  })

  it('and the word to the others stand on the last reading where nothing new was read', () => {
    const rig = healthRig().run(WARM_MS)
    Object.assign(rig.senders.ana ?? {}, DOWNLINK)
    rig.run(8_000)
    const { report } = diagnose(rig.state, {
      ...{ atMs: rig.atMs + 1_000, isOnline: true, latenessMs: 0, facts: null, verdictOf: () => null },
      connections: [
        {
          ...{ connectionId: 'c1', provider: 'east', hasServer: true, isCurrent: true, peers: ['ana', 'bob'] },
          ...{ expectsInbound: true, expectsOutbound: true, sample: null },
        },
      ],
    })
    expect(report?.alerts.map(({ blame }) => blame)).toEqual(rig.alerts().map(({ blame }) => blame))
    expect(report?.word.senders).toEqual([
      { participant: 'ana', sight: 'lossy' },
      { participant: 'bob', sight: 'good' },
    ])
  })

  it.each([
    ['that one has alone is with that one', 0.05, 4],
    ['that another has as well is with nobody in particular', 0.9, null],
    ['with one receiver is with nobody in particular', null, null],
  ])('trouble %s', (_, share, pc) => {
    const all = share === null ? [sending(4)] : [sending(4), sending(5)]
    const evidence = elsewhere(sending(4), all, () => share ?? Number.NaN)
    expect(
      lonePc({
        about: { type: 'me', id: '', media: 'video' },
        connectionId: 'c1',
        value: 1,
        evidence: evidence.map(([key, value, unit]) => ({ key, value, unit })),
      }),
    ).toBe(pc)
  })
})

describe('a start', () => {
  it('that filled the buffer is no fault, and a buffer that stays full is', () => {
    const rig = healthRig()
    for (const sender of Object.values(rig.senders)) sender.bufferMs = 1_100
    rig.run(10_000)
    expect(rig.incidents()).toEqual([])
    rig.run(10_000)
    expect(rig.alert('buffer-overflow', 'ana')?.severity).toBe('medium')
  })

  it('that lost packets is no fault, although the first report of them comes later', () => {
    const rig = healthRig()
    rig.own.remoteLossRatio = 0.2
    rig.run(2_000)
    rig.own.remoteLossRatio = 0
    rig.run(10_000)
    expect(rig.incidents()).toEqual([])
  })
})
