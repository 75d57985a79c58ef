/**
 * What Firefox tells in other fields than Chromium, or not at all: unknown there, never zero, and no trouble where there
 * is none. The recordings are real ones of Firefox ESR.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { at, I, O, P, type Row } from '../../../src/health/layout.js'
import { unpackSample } from '../../../src/health/pack.js'
import { reduceStats } from '../../../src/health/reduce.js'
import { type Judgement, judge } from '../../corpus/judge.js'
import { playRecording } from '../../corpus/play.js'
import { readRecording, recordingNames } from '../../corpus/read.js'

const PLAY_LIMIT_MS = 120_000
const HEALTHY = 'healthy-talk.firefox-0'
/** Into the call: sender reports of both directions have come. */
const SETTLED_TICK = 30

let judgements: readonly Judgement[] = []

beforeAll(() => {
  const names = recordingNames().filter((name) => name.includes('.firefox-'))
  judgements = names.map((name) => judge(readRecording(name)))
}, PLAY_LIMIT_MS)

function sampled() {
  const stats = readRecording(HEALTHY).pages[0]?.ticks[SETTLED_TICK]?.stats ?? []
  const raw = stats.map(({ pc, entries }) => ({ pc, role: 'both' as const, entries, peerIndexOf: () => 0 }))
  const sample = unpackSample(reduceStats({ atMs: 1, mediaAtMs: Number.NaN, costMs: 0 }, raw))
  if (!sample) throw new Error('no sample')
  const ofKind = (rows: readonly Row[], offset: number, kind: number): Row => {
    const row = rows.find((one) => at(one, offset) === kind)
    if (!row) throw new Error('no such stream')
    return row
  }
  return {
    path: sample.peerConnections[0] ?? new Float64Array(),
    inbound: (kind: number) => ofKind(sample.inbound, I.kind, kind),
    outbound: (kind: number) => ofKind(sample.outbound, O.kind, kind),
  }
}

describe('the fields of Firefox', () => {
  it('are unknown where it has none', () => {
    const { path, inbound, outbound } = sampled()
    for (const field of [P.packetsReceived, P.packetsSent, P.requestsSent, P.availableOutgoingBps] as const)
      expect(at(path, field)).toBeNaN()
    for (const field of [I.qpSum, I.corruptionSum] as const) expect(at(inbound(1), field)).toBeNaN()
    for (const field of [O.limitation, O.limitedCpuMs, O.targetBps, O.sendDelayMs, O.keyFramesEncoded] as const)
      expect(at(outbound(1), field)).toBeNaN()
    for (const field of [O.sourceLevel, O.sourceEnergy] as const) expect(at(outbound(0), field)).toBeNaN()
  })

  it('are read where it has them, its source and its path among them', () => {
    const { path, inbound, outbound } = sampled()
    for (const field of [P.bytesReceived, P.bytesSent, P.rttMs, P.isPairUsable, P.statsAtMs] as const)
      expect(at(path, field)).toBeGreaterThan(0)
    for (const field of [I.packetsReceived, I.framesDecoded, I.bufferDelayMs, I.sincePacketMs] as const)
      expect(at(inbound(1), field)).toBeGreaterThan(0)
    for (const field of [O.sourceFrames, O.sourceFps, O.framesEncoded, O.remoteRttMs, O.qpMax] as const)
      expect(at(outbound(1), field)).toBeGreaterThan(0)
    for (const field of [I.audioEnergy, I.totalSamples, I.bufferEmitted] as const)
      expect(at(inbound(0), field)).toBeGreaterThan(0)
  })

  it('give figures and nulls, and no number that is none', () => {
    const reports = playRecording(readRecording(HEALTHY)).flatMap(({ report }) => report ?? [])
    const last = reports.at(-1)
    expect(last?.overview.device.browser).toBe('firefox')
    const figures: unknown[] = []
    JSON.stringify(last?.overview, (_, value) => {
      figures.push(value)
      return value
    })
    expect(figures.filter((value) => typeof value === 'number').length).toBeGreaterThan(10)
    expect(figures.filter((value) => typeof value === 'number' && !Number.isFinite(value))).toEqual([])
    expect(last?.overview.paths.every((path) => path.availableOutgoingBps === null)).toBe(true)
  })
})

describe('calls of Firefox', () => {
  it('are not in trouble while nothing is wrong', () => {
    const healthy = judgements.filter(({ head }) => head.fault === null)
    expect(healthy.length).toBeGreaterThan(4)
    expect(judgements.flatMap(({ falseAlerts }) => falseAlerts)).toEqual([])
    expect(healthy.flatMap(({ pages }) => pages).filter((page) => !page.isRight)).toEqual([])
  })

  it('are told to be in trouble when they are, and by whom', () => {
    const faulty = judgements.filter(({ head }) => head.fault !== null)
    const missed = faulty.filter(({ foundAfterMs }) => foundAfterMs === null)
    expect(missed.map(({ head }) => head.name)).toEqual(['camera-stalled.firefox-1'])
    const pages = faulty.flatMap(({ head, pages: all }) => all.map((page) => ({ name: head.name, ...page })))
    const wrong = pages.filter(({ isRight }) => !isRight)
    expect(wrong.map(({ name, page }) => `${name} ${page}`)).toEqual(['camera-stalled.firefox-1 bob'])
    expect(pages.filter(({ hasBlamedOwnCpu }) => hasBlamedOwnCpu)).toEqual([])
  })
})
