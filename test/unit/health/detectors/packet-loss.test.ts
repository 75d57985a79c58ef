import { describe, expect, it } from 'vitest'
import type { Memory } from '../../../../src/health/detectors/detector.js'
import { packetLoss } from '../../../../src/health/detectors/packet-loss.js'
import type { InboundView, OutboundView, Scene } from '../../../../src/health/scene.js'

const STEP_MS = 1_000
/** Longer than every beginning. */
const AGE_MS = 60_000
const LOW = packetLoss.limit.low ?? 0

/** The largest loss that is found of somebody's picture, told second by second. */
function received(
  seconds: readonly { readonly lossRatio: number; readonly packetsPerSecond: number }[],
): number {
  let sincePacketMs = 20
  return largest(
    seconds.map((one, index) => {
      sincePacketMs = one.packetsPerSecond > 0 ? 20 : sincePacketMs + STEP_MS
      const about = { key: '1', peer: 'bob', kind: 'video', connectionId: 'c' }
      const view = { ...about, ...one, sincePacketMs, ageMs: AGE_MS + index * STEP_MS }
      return { inbound: [view as InboundView], outbound: [] }
    }),
  )
}

/** The same of the own media, as reports of a receiver tell it; null: none came in that second. */
function sent(reports: readonly (number | null)[], kind: 'audio' | 'video'): number {
  let said = 0
  let sinceAcknowledgedMs = 0
  return largest(
    reports.map((report, index) => {
      sinceAcknowledgedMs = report === null ? sinceAcknowledgedMs + STEP_MS : 0
      said = report ?? said
      const about = { key: '1', kind, connectionId: 'c', packetsPerSecond: 50 }
      const view = { ...about, sinceAcknowledgedMs, remoteLossRatio: said, ageMs: AGE_MS + index * STEP_MS }
      return { inbound: [], outbound: [view as OutboundView] }
    }),
  )
}

function largest(scenes: readonly Pick<Scene, 'inbound' | 'outbound'>[]): number {
  let memory: Memory = {}
  let value = 0
  scenes.forEach((scene, index) => {
    const detection = packetLoss.detect(memory, { ...scene, atMs: index * STEP_MS } as Scene)
    memory = detection.memory
    value = Math.max(value, ...detection.findings.map((finding) => finding.value))
  })
  return value
}

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value)

describe('packets that get lost', () => {
  const fine = { lossRatio: 0, packetsPerSecond: 50 }
  const nothing = { lossRatio: Number.NaN, packetsPerSecond: 0 }

  it('P54 are told of a stream that goes on', () => {
    const lossy = { lossRatio: 0.25, packetsPerSecond: 40 }
    expect(received([...times(5, fine), ...times(3, lossy)])).toBeGreaterThan(0.12)
    expect(sent([0, 0, 0, 0.25, 0.25, 0.25], 'video')).toBeGreaterThan(0.12)
    expect(sent([0, ...times(4, null), 0, ...times(4, null), 0.25], 'audio')).toBeGreaterThan(0.12)
  })

  it('P54 are still told where reports of them get lost, too', () => {
    expect(sent([0, 0, 0, 0.25, null, 0.25, null, null, 0.25], 'video')).toBeGreaterThan(0.12)
  })

  it('P54 while nothing came at all are no loss of what comes since', () => {
    const cut = [...times(5, fine), ...times(5, nothing), { lossRatio: 0.85, packetsPerSecond: 12 }]
    expect(received([...cut, ...times(5, fine)])).toBeLessThan(LOW)
    expect(sent([0, 0, 0, ...times(5, null), 0.85, 0, 0, 0], 'video')).toBeLessThan(LOW)
    expect(sent([0, ...times(9, null), 0.5, ...times(4, null), 0], 'audio')).toBeLessThan(LOW)
  })

  it('P54 are told of a stream that came back and loses on', () => {
    const lossy = { lossRatio: 0.25, packetsPerSecond: 40 }
    expect(received([...times(5, fine), ...times(5, nothing), ...times(4, lossy)])).toBeGreaterThan(0.12)
    expect(sent([0, 0, 0, ...times(5, null), 0.85, 0.25, 0.25, 0.25], 'video')).toBeGreaterThan(0.12)
  })
})
