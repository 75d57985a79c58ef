import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readDump } from '../../../bench/support/dumps.js'
import { HEADER_SIZE, O, P, TRACK_BITS } from '../../../src/health/layout.js'
import { unpackSample } from '../../../src/health/pack.js'
import { NO_RATES_MEMORY, type Rates, readRates } from '../../../src/health/rates.js'
import { type RawStats, reduceStats, type StatEntry } from '../../../src/health/reduce.js'

const HEAD = { mediaAtMs: Number.NaN, costMs: 0 }

/** One page: takes stats at a time and gives rates. */
function page(extra: Partial<RawStats> = {}) {
  let memory = NO_RATES_MEMORY
  return (atMs: number, entries: readonly StatEntry[]): Rates | null => {
    const raw: RawStats = { pc: 1, role: 'both', entries, peerIndexOf: () => 0, ...extra }
    const sample = unpackSample(reduceStats({ ...HEAD, atMs }, [raw]))
    if (!sample) throw new Error('the sample does not fit its own layout')
    const next = readRates(memory, sample)
    memory = next.memory
    return next.rates
  }
}

const video = (part: StatEntry): StatEntry => ({
  id: 'in',
  type: 'inbound-rtp',
  kind: 'video',
  ssrc: 7,
  packetsReceived: 100,
  packetsLost: 10,
  bytesReceived: 50_000,
  framesReceived: 50,
  framesDecoded: 40,
  ...part,
})
const pair = (part: StatEntry): StatEntry => ({
  id: 'pair',
  type: 'candidate-pair',
  nominated: true,
  state: 'succeeded',
  ...part,
})

describe('rates', () => {
  it('are growth over the time between the stamps of the browser', () => {
    const read = page()
    read(1_000, [video({}), pair({ timestamp: 50_000 })])
    const rates = read(2_100, [
      video({
        packetsReceived: 150,
        packetsLost: 10,
        bytesReceived: 112_500,
        framesReceived: 75,
        framesDecoded: 65,
      }),
      pair({ timestamp: 51_000 }),
    ])
    expect(rates?.inbound[0]).toMatchObject({
      decodedFps: 25,
      receivedFps: 25,
      bitrateBps: 500_000,
      lossRatio: 0,
    })
    expect(rates?.inbound[0]).toMatchObject({ key: '1:7', kind: 'video', isNew: false, ageMs: 1_100 })
  })

  it('go by the clock of the page when the stamps jump', () => {
    const read = page()
    read(1_000, [video({}), pair({ timestamp: 50_000 })])
    const late = read(2_000, [video({ framesDecoded: 60 }), pair({ timestamp: 3_650_000 })])
    expect(late?.inbound[0]?.decodedFps).toBe(20)
    const back = read(3_000, [video({ framesDecoded: 80 }), pair({ timestamp: 40_000 })])
    expect(back?.inbound[0]?.decodedFps).toBe(20)
  })

  it('know a sample that was there already, one that comes late and one without statistics', () => {
    const read = page()
    expect(read(1_000, [video({}), pair({ timestamp: 50_000 })])).not.toBeNull()
    expect(read(1_250, [video({}), pair({ timestamp: 50_000 })])).toBeNull()
    expect(read(900, [video({}), pair({ timestamp: 49_900 })])).toBeNull()
    const rates = read(2_000, [video({ framesDecoded: 60 }), pair({ timestamp: 51_000 })])
    expect(rates?.inbound[0]?.decodedFps).toBe(20)
    const pulse = unpackSample(Float64Array.of(2, 3_000, 0, 0, 0, 0, Number.NaN, 0))
    expect(pulse && readRates(NO_RATES_MEMORY, pulse).rates).toBeNull()
  })

  it('are unknown for the step in which a counter began again', () => {
    const read = page()
    read(1_000, [video({})])
    const restarted = read(2_000, [video({ packetsReceived: 3, framesDecoded: 1 })])
    expect(restarted?.inbound[0]?.packetsPerSecond).toBeNaN()
    expect(restarted?.inbound[0]?.decodedFps).toBeNaN()
    expect(read(3_000, [video({ packetsReceived: 53, framesDecoded: 31 })])?.inbound[0]?.packetsPerSecond).toBe(
      50,
    )
  })

  it('go on over a counter of 32 bits that wraps', () => {
    const read = page()
    read(1_000, [video({ bytesReceived: 2 ** 32 - 50_000 })])
    expect(read(2_000, [video({ bytesReceived: 75_000 })])?.inbound[0]?.bitrateBps).toBe(1_000_000)
  })

  it('count no loss when late packets make packetsLost fall', () => {
    const read = page()
    read(1_000, [video({})])
    expect(read(2_000, [video({ packetsReceived: 200, packetsLost: 4 })])?.inbound[0]?.lossRatio).toBe(0)
    expect(read(3_000, [video({ packetsReceived: 280, packetsLost: 24 })])?.inbound[0]?.lossRatio).toBe(0.2)
  })

  it('tell for how long something has stood still, also over a field that vanishes', () => {
    const read = page()
    read(1_000, [video({ framesPerSecond: 20 })])
    read(2_000, [video({ framesDecoded: 60, packetsReceived: 130 })])
    const stalled = read(3_000, [video({ framesDecoded: 60, packetsReceived: 160 })])
    expect(stalled?.inbound[0]).toMatchObject({ sinceDecodedMs: 1_000, sincePacketMs: 0, decodedFps: 0 })
    const blind = read(4_000, [video({ framesDecoded: undefined, packetsReceived: 190 })])
    expect(blind?.inbound[0]?.sinceDecodedMs).toBeNaN()
    expect(blind?.inbound[0]?.decodedFps).toBeNaN()
  })

  it('mark the step in which the first frame came', () => {
    const read = page()
    expect(read(1_000, [video({ framesDecoded: 0 })])?.inbound[0]?.isNew).toBe(true)
    expect(read(2_000, [video({ framesDecoded: 0 })])?.inbound[0]?.isNew).toBe(false)
    expect(read(3_000, [video({ framesDecoded: 9 })])?.inbound[0]).toMatchObject({
      isNew: true,
      decodedFps: Number.NaN,
    })
    expect(read(4_000, [video({ framesDecoded: 39 })])?.inbound[0]?.usualFps).toBe(30)
  })

  it('keep a peer connection over a getStats that hung', () => {
    let memory = NO_RATES_MEMORY
    const take = (atMs: number, raw: readonly RawStats[]): Rates | null => {
      const sample = unpackSample(reduceStats({ ...HEAD, atMs }, raw))
      const next = sample ? readRates(memory, sample) : null
      memory = next?.memory ?? memory
      return next?.rates ?? null
    }
    const one = (framesDecoded: number): RawStats => ({
      pc: 1,
      role: 'both',
      entries: [video({ framesDecoded })],
      peerIndexOf: () => 0,
    })
    const other: RawStats = { pc: 2, role: 'both', entries: [video({ ssrc: 9 })], peerIndexOf: () => 1 }
    take(1_000, [one(40), other])
    expect(take(2_000, [other])?.inbound).toHaveLength(1)
    expect(take(3_000, [one(80), other])?.inbound.find(({ pc }) => pc === 1)?.decodedFps).toBe(20)
  })
})

describe('rates of paths and of what is sent', () => {
  it('tell no round trip that was measured while connecting, and its mean later', () => {
    const read = page()
    const at = (seconds: number, responsesReceived: number, totalRoundTripTime: number): number | undefined =>
      read(seconds * 1_000, [pair({ responsesReceived, totalRoundTripTime, currentRoundTripTime: 0.9 })])
        ?.paths[0]?.rttMs
    expect(at(1, 2, 1.8)).toBeNaN()
    expect(at(2, 3, 2.7)).toBeNaN()
    expect(at(3, 3, 2.7)).toBeNaN()
    expect(at(4, 5, 2.9)).toBeCloseTo(100)
  })

  it('count what was asked since the last answer, not since the beginning', () => {
    const read = page()
    const at = (seconds: number, requestsSent: number, responsesReceived: number): number | undefined =>
      read(seconds * 1_000, [
        pair({ requestsSent: 9, consentRequestsSent: requestsSent - 9, responsesReceived }),
      ])?.paths[0]?.unanswered
    at(1, 12, 3)
    expect(at(2, 14, 3)).toBe(2)
    expect(at(3, 16, 4)).toBe(0)
    expect(at(4, 17, 4)).toBe(1)
  })

  it('notice another pair and a relay', () => {
    const read = page()
    const candidates = [
      { id: 'l', type: 'local-candidate', candidateType: 'relay' },
      { id: 'r', type: 'remote-candidate', candidateType: 'srflx' },
    ]
    const chosen = { localCandidateId: 'l', remoteCandidateId: 'r' }
    expect(read(1_000, [pair(chosen), ...candidates])?.paths[0]).toMatchObject({
      hasChangedPair: false,
      isRelayed: true,
      localType: 'relay',
      remoteType: 'srflx',
      isPairUsable: true,
    })
    const moved = read(2_000, [pair({ id: 'pair2', state: 'in-progress', selected: true })])
    expect(moved?.paths[0]).toMatchObject({ hasChangedPair: true, isPairUsable: false, isRelayed: null })
  })

  it('join a source to its stream, in browsers that name it and in those that do not', () => {
    const source = { id: 's', type: 'media-source', kind: 'video', trackIdentifier: 't', frames: 10 }
    const sent = { id: 'o', type: 'outbound-rtp', kind: 'video', ssrc: 3, framesEncoded: 10 }
    for (const named of [{ mediaSourceId: 's' }, {}]) {
      const read = page({
        trackOf: (id) => (id === 't' ? { state: TRACK_BITS.muted, sinceFrameMs: 5 } : undefined),
      })
      read(1_000, [source, { ...sent, ...named }])
      const rates = read(2_000, [
        { ...source, frames: 34 },
        { ...sent, ...named, framesEncoded: 10 },
      ])
      expect(rates?.outbound[0]).toMatchObject({
        sourceFps: 24,
        encodedFps: 0,
        sinceEncodedMs: 1_000,
        isTrackMuted: true,
      })
    }
  })
})

describe('what crosses to the worker', () => {
  const mesh: StatEntry[] = [
    { id: 'ia', type: 'inbound-rtp', kind: 'audio', ssrc: 1, audioLevel: 0.25 },
    { id: 'iv', type: 'inbound-rtp', kind: 'video', ssrc: 2, framesDecoded: 7 },
    { id: 'oa', type: 'outbound-rtp', kind: 'audio', ssrc: 3 },
    { id: 'ov', type: 'outbound-rtp', kind: 'video', ssrc: 4, qualityLimitationReason: 'cpu' },
  ]

  it('P09 is at most 1 kB for a peer, with every field in it', () => {
    const raw: RawStats = { pc: 1, role: 'both', entries: mesh, peerIndexOf: () => 0 }
    const values = reduceStats({ ...HEAD, atMs: 1 }, [raw])
    expect((values.length - HEADER_SIZE) * 8).toBeLessThanOrEqual(1_000)
    const sample = unpackSample(values)
    expect(sample?.inbound.map((row) => row.length)).toEqual([40, 40])
    expect(sample?.outbound[1]?.[O.limitation]).toBe(1)
    expect(sample?.peerConnections[0]?.[P.role]).toBe(2)
  })

  it('is not believed when it is cut or of another version', () => {
    const raw: RawStats = { pc: 1, role: 'both', entries: mesh, peerIndexOf: () => 0 }
    const values = reduceStats({ ...HEAD, atMs: 1 }, [raw])
    for (let length = 0; length < values.length; length += 1)
      expect(unpackSample(values.subarray(0, length))).toBeNull()
    expect(unpackSample(Float64Array.of(1, ...values.subarray(1)))).toBeNull()
  })
})

const RECORDINGS = [
  'chrome-relay',
  'chrome-standard-pc-failed',
  'firefox-standard-stats-sfu',
  'google-standard-stats-p2p',
  'google-standard-stats-relay-p2p',
  'safari-relay',
]
const pathOf = (name: string): URL =>
  new URL(`../../../../shared/data/rtcstats-dumps/${name}.jsonl`, import.meta.url)

describe('recorded calls of three browsers', () => {
  const here = RECORDINGS.filter((name) => existsSync(pathOf(name)))
  if (here.length < RECORDINGS.length)
    process.stdout.write(`recordings not here, rates not read from: ${RECORDINGS.length - here.length}\n`)
  it.each(here)('%s has believable rates', (name) => {
    const pages = new Map<string, ReturnType<typeof page>>()
    let flowing = 0
    for (const { pc, atMs, entries } of readDump(readFileSync(pathOf(name), 'utf8'))) {
      const read = pages.get(pc) ?? page()
      pages.set(pc, read)
      for (const stream of read(atMs, entries)?.inbound ?? []) {
        expect(stream.lossRatio >= 0 && stream.lossRatio <= 1).not.toBe(Number.isNaN(stream.lossRatio))
        for (const rate of [stream.bitrateBps, stream.decodedFps, stream.jitterBufferMs, stream.sincePacketMs])
          expect(Number.isNaN(rate) || rate >= 0).toBe(true)
        if (!Number.isNaN(stream.decodedFps)) expect(stream.decodedFps).toBeLessThan(70)
        if (stream.bitrateBps > 0) flowing += 1
      }
    }
    // In one of them the relayed connection never carried media.
    if (!name.endsWith('relay-p2p')) expect(flowing).toBeGreaterThan(name.includes('failed') ? 0 : 5)
  })
})
