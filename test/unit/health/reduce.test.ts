import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CANDIDATE_TYPES, I, O, P, type Sample } from '../../../src/health/layout.js'
import { unpackSample } from '../../../src/health/pack.js'
import { type Rating, rateSample } from '../../../src/health/rating.js'
import { inboundGrowth, type RawStats, reduceStats, type StatEntry } from '../../../src/health/reduce.js'

const RECORDINGS = ['chrome-relay', 'chrome-standard-pc-failed', 'firefox-standard-stats-sfu', 'safari-relay']
const recordingPath = (name: string): URL =>
  new URL(`../../../../shared/data/rtcstats-dumps/${name}.jsonl`, import.meta.url)

function sampleOf(entries: readonly StatEntry[], atMs = 1_000, peerIndex = 0): Sample {
  const raw: RawStats = { pc: 1, role: 'both', entries, peerIndexOf: () => peerIndex }
  const sample = unpackSample(reduceStats({ atMs, mediaAtMs: Number.NaN, costMs: 0 }, [raw]))
  if (!sample) throw new Error('the sample does not fit its own layout')
  return sample
}

const inbound = (part: StatEntry): StatEntry => ({
  id: 'in',
  type: 'inbound-rtp',
  kind: 'video',
  ssrc: 7,
  timestamp: 5_000,
  lastPacketReceivedTimestamp: 4_980,
  packetsReceived: 100,
  packetsLost: 0,
  bytesReceived: 50_000,
  framesDecoded: 40,
  jitter: 0.004,
  ...part,
})
const TRANSPORT: StatEntry = { id: 't', type: 'transport', packetsReceived: 300, selectedCandidatePairId: 'p' }
const PAIR: StatEntry = {
  id: 'p',
  type: 'candidate-pair',
  responsesReceived: 5,
  currentRoundTripTime: 0.05,
  availableOutgoingBitrate: 1e6,
}

describe('reducing stats', () => {
  it('keeps the numbers that health needs, in milliseconds', () => {
    const sample = sampleOf([inbound({}), TRANSPORT, PAIR])
    const row = sample.inbound[0]
    expect(row?.[I.packetsReceived]).toBe(100)
    expect(row?.[I.jitterMs]).toBe(4)
    expect(row?.[I.sincePacketMs]).toBe(20)
    expect(sample.peerConnections[0]?.[P.rttMs]).toBe(50)
    expect(sample.peerConnections[0]?.[P.packetsReceived]).toBe(300)
  })

  it('names our own relay, also where Chromium calls its candidate peer reflexive', () => {
    const candidate = (id: string, part: StatEntry): StatEntry => ({ id, type: 'local-candidate', ...part })
    const typeOf = (part: StatEntry): string | undefined => {
      const pair = { ...PAIR, localCandidateId: 'l', remoteCandidateId: 'r' }
      const remote = candidate('r', { type: 'remote-candidate', candidateType: 'prflx' })
      const sample = sampleOf([TRANSPORT, pair, candidate('l', part), remote])
      expect(CANDIDATE_TYPES[sample.peerConnections[0]?.[P.remoteType] ?? -1]).toBe('prflx')
      return CANDIDATE_TYPES[sample.peerConnections[0]?.[P.localType] ?? -1]
    }
    expect(typeOf({ candidateType: 'prflx', relayProtocol: 'udp' })).toBe('relay')
    expect(typeOf({ candidateType: 'relay', relayProtocol: 'tls' })).toBe('relay')
    expect(typeOf({ candidateType: 'relay' })).toBe('relay')
    expect(typeOf({ candidateType: 'prflx' })).toBe('prflx')
    expect(typeOf({ candidateType: 'host', relayProtocol: 7 })).toBe('host')
  })

  it('finds the remote report of an outbound stream and counts its acknowledgements', () => {
    const outbound = { id: 'o', type: 'outbound-rtp', kind: 'audio', ssrc: 9, packetsSent: 10, remoteId: 'r' }
    const remote = { id: 'r', type: 'remote-inbound-rtp', roundTripTimeMeasurements: 4, fractionLost: 0.1 }
    const row = sampleOf([outbound, remote]).outbound[0]
    expect(row?.[O.acknowledgement]).toBe(4)
    expect(row?.[O.remoteLossRatio]).toBe(0.1)
  })

  it('says NaN for what is missing, never zero', () => {
    const sample = sampleOf([{ id: 'in', type: 'inbound-rtp' }])
    expect(Number.isNaN(sample.inbound[0]?.[I.packetsReceived])).toBe(true)
    expect(Number.isNaN(sample.inbound[0]?.[I.framesDecoded])).toBe(true)
    expect(Number.isNaN(sample.peerConnections[0]?.[P.rttMs])).toBe(true)
  })

  it('gives no growth over a counter that restarted or a stream that is new', () => {
    const before = sampleOf([inbound({ packetsReceived: 100 })])
    expect(inboundGrowth(before, sampleOf([inbound({ packetsReceived: 130 })]))).toBe(30)
    expect(inboundGrowth(before, sampleOf([inbound({ packetsReceived: 3 })]))).toBeNaN()
    expect(inboundGrowth(before, sampleOf([inbound({ ssrc: 8 })]))).toBeNaN()
    expect(inboundGrowth(null, before)).toBeNaN()
  })

  it('gives null for an array of another layout', () => {
    expect(unpackSample(new Float64Array(3))).toBeNull()
    const values = reduceStats({ atMs: 0, mediaAtMs: 0, costMs: 0 }, [])
    values[0] = 99
    expect(unpackSample(values)).toBeNull()
  })

  it('never throws, whatever a browser calls stats', () => {
    const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.constant(undefined))
    const type = fc.constantFrom(
      'inbound-rtp',
      'outbound-rtp',
      'transport',
      'candidate-pair',
      'remote-inbound-rtp',
    )
    const keys = fc.constantFrom(
      'id',
      'ssrc',
      'kind',
      'jitter',
      'timestamp',
      'packetsReceived',
      'packetsLost',
      'remoteId',
    )
    const entry = fc.tuple(type, fc.dictionary(keys, value)).map(([name, rest]) => ({ ...rest, type: name }))
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), fc.array(entry, { maxLength: 20 }), (first, second) => {
        const [before, after] = [sampleOf(first, 1_000), sampleOf(second, 2_000)]
        const rating = rateSample(rateSample(undefined, before, ['bob']) ?? undefined, after, ['bob'])
        for (const fact of Object.values(rating?.peers.bob ?? {}))
          expect(fact === null || Number.isFinite(fact)).toBe(true)
      }),
    )
  })

  const missing = RECORDINGS.filter((name) => !existsSync(recordingPath(name)))
  if (missing.length > 0)
    process.stdout.write(`recordings not here, reducer not run on: ${missing.join(', ')}\n`)
  it.each(RECORDINGS.filter((name) => !missing.includes(name)))('reduces the recording %s', (name) => {
    const pcs = new Map<string, Map<string, StatEntry>>()
    const last = new Map<string, Sample>()
    const ratings = new Map<string, Rating>()
    let grown = 0
    for (const line of readFileSync(recordingPath(name), 'utf8').trim().split('\n')) {
      const [method, pc, delta, atMs] = JSON.parse(line) as [string, string, Record<string, StatEntry>, number]
      if (method !== 'getstats') continue
      const entries = pcs.get(pc) ?? new Map<string, StatEntry>()
      pcs.set(pc, entries)
      for (const [id, change] of Object.entries(delta))
        if (typeof change === 'object') entries.set(id, { ...entries.get(id), ...change, id })
      const sample = sampleOf([...entries.values()], atMs)
      if (inboundGrowth(last.get(pc) ?? null, sample) > 0) grown += 1
      const rating = rateSample(ratings.get(pc), sample, ['bob'])
      if (rating) ratings.set(pc, rating)
      const score = rating?.peers.bob?.score ?? null
      expect(score === null || (score >= 0 && score <= 100)).toBe(true)
      last.set(pc, sample)
    }
    expect(last.size).toBeGreaterThan(0)
    // A call whose connection failed may have received nothing; the others must have.
    if (!name.includes('failed')) expect(grown).toBeGreaterThan(0)
  })
})
