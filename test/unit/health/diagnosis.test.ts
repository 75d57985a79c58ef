import { describe, expect, it } from 'vitest'
import type { ConnectionVerdict } from '../../../src/health/verdict.js'
import type { Word } from '../../../src/health/word.js'
import { healthRig } from '../../support/health-rig.js'

/** Long enough for every beginning to be over. */
const WARM_MS = 20_000

const verdict = (change: Partial<ConnectionVerdict>): ConnectionVerdict => ({
  connectionId: 'c1',
  state: 'ok',
  blame: 'none',
  evidence: [],
  silentForMs: 0,
  ...change,
})
const says = (
  participant: string,
  sight: Word['senders'][number]['sight'],
  ...troubles: Word['troubles']
): Word => ({
  troubles,
  senders: [{ participant, sight }],
})

describe('P55 what is wrong is detected from statistics', () => {
  it('P55 nothing is found in minutes of a healthy call', () => {
    const rig = healthRig().run(180_000)
    expect(rig.incidents()).toEqual([])
    expect(rig.alerts()).toEqual([])
  })

  it('P55 an ongoing freeze is flagged within a second, without waiting for freezeCount', () => {
    const rig = healthRig().run(WARM_MS)
    const brokenMs = rig.atMs
    Object.assign(rig.senders.ana ?? {}, { packetsPerSecond: 0, receivedFps: 0, decodedFps: 0 })
    rig.run(1_000)
    expect(rig.raisedAfterMs('freeze', brokenMs)).toBeLessThanOrEqual(1_000)
  })

  it.each([
    ['decoder-stall', { decodedFps: 0 }, {}, { muted: false }],
    ['sender-stall', { packetsPerSecond: 0, receivedFps: 0, decodedFps: 0 }, {}, { muted: false }],
    [
      'network-stall',
      { packetsPerSecond: 0, receivedFps: 0, decodedFps: 0, audioPerSecond: 0 },
      { isAnswering: false },
      { muted: false },
    ],
    ['paused-sender', { packetsPerSecond: 0, receivedFps: 0, decodedFps: 0 }, {}, { muted: true }],
  ] as const)('P55 a picture that stands still is told to be %s', (cause, sender, own, { muted }) => {
    const rig = healthRig().run(WARM_MS)
    Object.assign(rig.senders.ana ?? {}, sender)
    Object.assign(rig.own, own)
    if (muted) rig.peer('ana', { muted: ['camera'] })
    rig.run(2_500)
    expect(rig.alert('freeze', 'ana')?.cause ?? 'paused-sender').toBe(cause)
  })

  it.each([
    ['packet-loss', 'ana', { lossRatio: 0.2 }],
    ['jitter', 'ana', { jitterMs: 250 }],
    ['decoder-stall', 'ana', { decodedFps: 0 }],
    ['frame-corruption', 'ana', { corruption: 0.8 }],
    ['frame-corruption', 'ana', { pliPerSecond: 2 }],
    ['sync-loss', 'ana', { pictureLateMs: 1_400 }],
    ['buffer-overflow', 'ana', { bufferMs: 900 }],
    ['static-video', 'ana', { bytesPerFrame: 30 }],
  ] as const)('P55 %s of a sender is found', (kind, peer, change) => {
    const rig = healthRig().run(WARM_MS)
    Object.assign(rig.senders[peer] ?? {}, change)
    rig.run(12_000)
    expect(rig.alert(kind, peer)?.evidence.length).toBeGreaterThan(0)
    Object.assign(rig.senders[peer] ?? {}, {
      lossRatio: 0,
      jitterMs: 8,
      decodedFps: 30,
      corruption: null,
      pliPerSecond: 0,
      pictureLateMs: 20,
      bufferMs: 60,
      audioEnergy: 0.01,
      bytesPerFrame: 4_000,
    })
    rig.run(30_000)
    expect(rig.alerts()).toEqual([])
  })

  it('P55 a decoder that asks for key frames and stands still is grave within a second, one that is slow is not', () => {
    const severityWith = (pliPerSecond: number) => {
      const rig = healthRig().run(WARM_MS)
      const brokenMs = rig.atMs
      Object.assign(rig.senders.ana ?? {}, { decodedFps: 0, pliPerSecond })
      rig.run(1_000)
      expect(rig.raisedAfterMs('decoder-stall', brokenMs)).toBeLessThanOrEqual(1_000)
      return rig.alert('decoder-stall', 'ana')?.severity
    }
    expect([severityWith(5), severityWith(0)]).toEqual(['high', 'medium'])
  })

  it.each([
    ['high-rtt', { rttMs: 700 }],
    ['packet-loss', { remoteLossRatio: 0.2 }],
    ['low-bandwidth', { limitation: 'bandwidth', availableBps: 120_000 }],
    ['encoder-limited', { limitation: 'cpu' }],
    ['dead-device', { sourceFps: 0, encodedFps: 0 }],
    ['silent-microphone', { audioEnergy: 0 }],
    ['buffer-overflow', { sendDelayMs: 900 }],
    ['relay-in-use', { relay: true }],
    ['path-change', { pairId: 'pair-2' }],
    ['one-way-media', { isAnswering: false }],
  ] as const)('P55 %s of my own is found', (kind, change) => {
    const rig = healthRig().run(WARM_MS)
    Object.assign(rig.own, change)
    rig.run(kind === 'path-change' ? 2_000 : 12_000)
    expect(rig.alert(kind)).toBeDefined()
  })

  it('P55 a microphone with one sound within ten seconds is not silent, neither mine nor a sender’s', () => {
    const rig = healthRig().run(WARM_MS)
    const speak = (audioEnergy: number): void => {
      Object.assign(rig.senders.ana ?? {}, { audioEnergy })
      Object.assign(rig.own, { audioEnergy })
    }
    for (let sounds = 0; sounds < 6; sounds += 1) {
      speak(0)
      rig.run(8_500)
      expect(rig.alerts()).toEqual([])
      speak(0.01)
      rig.run(1_000)
    }
    speak(0)
    rig.run(11_500)
    // Played at volume zero here, a microphone that works is as silent.
    expect(rig.alert('silent-microphone', 'ana')).toBeUndefined()
    rig.peer('ana', { word: says('ana', 'good', 'device') })
    rig.run(500)
    expect(rig.alert('silent-microphone', 'ana')?.severity).toBe('medium')
    expect(rig.alert('silent-microphone')).toBeDefined()
  })

  it('P54 every other type of error has its alert', () => {
    const rig = healthRig().run(WARM_MS)
    rig.judge(verdict({ state: 'dead', blame: 'provider', evidence: ['socket-closed'] }))
    rig.facts.tokenLeftMs = 10_000
    rig.facts.local = rig.facts.local.map((one) => ({
      ...one,
      isEnded: one.kind === 'video',
      isSilenced: one.kind === 'audio',
    }))
    rig.facts.connections = [
      { connectionId: 'c1', provider: 'east', state: 'failed', reason: 'auth', sinceMs: 100 },
      { connectionId: 'c2', provider: 'west', state: 'connecting', reason: null, sinceMs: 9_000 },
    ]
    rig.peer('bob', { silentMs: 4_000, isAway: true })
    rig.run(3_000)
    const kinds = rig.alerts().map(({ kind }) => kind)
    expect(kinds).toEqual(
      expect.arrayContaining([
        'provider-outage',
        'token-expiry',
        'dead-device',
        'muted-by-browser',
        'auth-failure',
        'timeout',
        'stale-peer',
      ]),
    )
    rig.judge(verdict({ state: 'suspect', blame: 'none', evidence: ['probe-timeout'] }))
    rig.run(1_000)
    expect(rig.alert('provider-hang', 'east')).toBeDefined()
    rig.judge(verdict({ state: 'dead', blame: 'path' }))
    rig.run(1_000)
    expect(rig.alert('network-disconnect')?.severity).toBe('high')
  })
})

describe('P10 alerts', () => {
  it('P10 are raised once, change with their severity and are cleared once', () => {
    const rig = healthRig().run(WARM_MS)
    Object.assign(rig.senders.ana ?? {}, { lossRatio: 0.07 })
    rig.run(8_000)
    Object.assign(rig.senders.ana ?? {}, { lossRatio: 0.5 })
    rig.run(8_000)
    Object.assign(rig.senders.ana ?? {}, { lossRatio: 0 })
    rig.run(20_000)
    const changes = rig.reports
      .flatMap((report) => report.changes)
      .filter(({ alert }) => alert.kind === 'packet-loss' && alert.about.media === 'video')
    expect(changes[0]?.type).toBe('raised')
    expect(changes.at(-1)?.type).toBe('cleared')
    expect(changes.filter(({ type }) => type === 'raised')).toHaveLength(1)
    expect(changes.map(({ alert }) => alert.severity)).toContain('critical')
  })

  it('P10 do not flap while a value swings around its limit', () => {
    const rig = healthRig().run(WARM_MS)
    for (let swing = 0; swing < 40; swing += 1) {
      rig.own.rttMs = swing % 2 === 0 ? 520 : 470
      rig.run(1_000)
    }
    const raised = rig.reports
      .flatMap((report) => report.changes)
      .filter(({ type, alert }) => type === 'raised' && alert.kind === 'high-rtt')
    expect(raised.length).toBeLessThanOrEqual(1)
  })

  it('P12 follow the limits that the app sets', () => {
    const rig = healthRig()
    rig.facts.thresholds = { 'high-rtt': { medium: 100, raiseAfterMs: 0 } }
    rig.own.rttMs = 150
    rig.run(WARM_MS)
    expect(rig.alert('high-rtt')?.severity).toBe('medium')
  })
})

describe('blame', () => {
  it('a sender that all others see bad is to blame, however busy this machine is', () => {
    const rig = healthRig().run(WARM_MS)
    rig.own.limitation = 'cpu'
    rig.peer('bob', { word: says('ana', 'frozen') })
    Object.assign(rig.senders.ana ?? {}, { decodedFps: 0 })
    rig.run(6_000)
    expect(rig.alert('freeze', 'ana')?.blame).toMatchObject({ culprit: 'sender', participant: 'ana' })
    expect(rig.alert('decoder-stall', 'ana')?.blame.culprit).toBe('sender')
  })

  it('all senders bad here and fine elsewhere is my network', () => {
    const rig = healthRig().run(WARM_MS)
    rig.peer('bob', { word: says('ana', 'good') })
    rig.peer('ana', { word: says('bob', 'good') })
    for (const sender of Object.values(rig.senders)) sender.lossRatio = 0.25
    rig.run(8_000)
    expect(rig.alert('packet-loss', 'ana')?.blame.culprit).toBe('my-network')
  })

  it('a sender that tells of its own trouble is believed', () => {
    const rig = healthRig({ peers: ['ana'] }).run(WARM_MS)
    rig.peer('ana', { word: { troubles: ['uplink'], senders: [] } })
    Object.assign(rig.senders.ana ?? {}, { lossRatio: 0.25 })
    rig.run(8_000)
    expect(rig.alert('packet-loss', 'ana')?.blame).toMatchObject({ culprit: 'sender', participant: 'ana' })
  })

  it('names my network while the browser is offline, the provider when it died', () => {
    const rig = healthRig().run(WARM_MS)
    rig.judge(verdict({ state: 'dead', blame: 'provider', evidence: ['socket-closed', 'others-see-it-too'] }))
    rig.run(1_000)
    expect(rig.alert('provider-outage', 'east')?.blame).toMatchObject({ culprit: 'provider', confidence: 0.97 })
    rig.judge(verdict({ state: 'dead', blame: 'path' }))
    rig.isOnline = false
    rig.run(2_500)
    expect(rig.alert('network-disconnect')?.blame.culprit).toBe('my-network')
    expect(rig.reports.at(-1)?.overview.rootCause?.kind).toBe('network-disconnect')
  })
})

describe('overview and statistics', () => {
  it('P09 figures of every path and track, and of the device', () => {
    const rig = healthRig()
    rig.facts.device = { ...rig.facts.device, cores: 4, networkType: 'wifi' }
    rig.run(WARM_MS)
    const { overview } = rig.reports.at(-1) ?? {}
    expect(overview?.paths[0]).toMatchObject({ provider: 'east', rttMs: 40, availableOutgoingBps: 3_000_000 })
    expect(
      overview?.tracks.find(({ participant, media }) => participant === 'ana' && media === 'video'),
    ).toMatchObject({
      lossRatio: 0,
      fps: 30,
    })
    expect(overview?.tracks.some(({ participant }) => participant === null)).toBe(true)
    expect(overview?.device).toMatchObject({ cores: 4, networkType: 'wifi' })
    expect(overview?.severity).toBeNull()
  })

  it('P15 statistics count each kind of trouble and how long it lasted', () => {
    const rig = healthRig().run(WARM_MS)
    Object.assign(rig.senders.ana ?? {}, { lossRatio: 0.25 })
    rig.run(10_000)
    Object.assign(rig.senders.ana ?? {}, { lossRatio: 0 })
    rig.run(20_000)
    const { statistics } = rig.reports.at(-1) ?? {}
    expect(statistics?.byKind['packet-loss']?.count).toBe(2)
    expect(statistics?.byKind['packet-loss']?.totalMs).toBeGreaterThan(8_000)
    expect(statistics?.troubledMs).toBeGreaterThan(8_000)
    expect(statistics?.rttMs).toMatchObject({ least: 40, most: 40 })
  })
})
