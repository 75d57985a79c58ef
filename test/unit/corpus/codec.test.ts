import { describe, expect, it } from 'vitest'
import { decodeRecording, encodeRecording } from '../../corpus/codec.js'
import { listRecordings, readRecording } from '../../corpus/read.js'
import type { Recording, Tick } from '../../corpus/recording.js'

function tick(atMs: number, change: Partial<Tick> = {}): Tick {
  return {
    atMs,
    lateMs: 0,
    isHidden: false,
    isOnline: true,
    stats: [],
    states: [{ pc: 1, connection: 'connected', ice: 'connected' }],
    receivers: [{ pc: 1, trackIdentifier: 't', sinceMs: 12 }],
    local: [{ kind: 'audio', readyState: 'live', isMuted: false, isEnabled: true }],
    published: { audio: 'live', video: 'muted' },
    heard: [{ peer: 'bob', ageMs: 240, published: { audio: 'live', video: 'off' } }],
    pictures: [{ peer: 'bob', luma: 100.5, spread: 20, change: 1.5 }],
    signals: [],
    ...change,
  }
}

function recording(ticks: readonly Tick[]): Recording {
  return {
    name: 'made-up.0',
    label: 'made-up',
    isHeldOut: false,
    seconds: 1,
    browser: 'chromium',
    topology: 'pair',
    fault: { fromMs: 500, toMs: null, culprit: 'device', at: 'ana', note: 'nothing' },
    pages: [{ id: 'ana', connections: [{ pc: 1, role: 'both', peer: 'bob', provider: 'mesh' }], ticks }],
  }
}

describe('the compact form of recordings', () => {
  it('gives back what was packed, to the quantum', () => {
    const inbound = (framesDecoded: number, jitter: number, timestamp: number) => ({
      pc: 1,
      entries: [{ id: 'I', type: 'inbound-rtp', kind: 'video', framesDecoded, jitter, timestamp }],
    })
    const whole = recording([
      tick(250, { stats: [inbound(3, 0.0123, 251)] }),
      tick(500, { stats: [inbound(7, 0.0004, 499)], signals: [{ type: 'ice', pc: 1, state: 'connected' }] }),
      tick(751, { stats: [inbound(1, 0.5, 750)] }),
    ])
    expect(decodeRecording(encodeRecording(whole))).toEqual(whole)
  })

  it('keeps what is missing missing, at the beginning, in between and at the end', () => {
    const entry = (fields: Record<string, unknown>) => ({ pc: 1, entries: [{ id: 'I', type: 'x', ...fields }] })
    const whole = recording([
      tick(250, { stats: [entry({ a: 1 })] }),
      tick(500, { stats: [entry({ a: 2, b: 9, name: 'first' })] }),
      tick(750, { stats: [entry({ b: 4, name: 'second' })] }),
      tick(1000, { stats: [] }),
    ])
    expect(decodeRecording(encodeRecording(whole))).toEqual(whole)
  })
})

describe('the corpus', () => {
  const heads = listRecordings()

  it('has at least 20 labels with two recordings or more, one of them held out', () => {
    const labels = [...new Set(heads.map(({ label }) => label))].filter((label) => {
      const some = heads.filter((head) => head.label === label)
      return (
        some.length >= 2 && some.some(({ isHeldOut }) => isHeldOut) && some.some(({ isHeldOut }) => !isHeldOut)
      )
    })
    expect(labels.length).toBeGreaterThanOrEqual(20)
  })

  it('holds a fault inside of every faulty recording, and pages that were looked at before it', () => {
    for (const { name, fault } of heads) {
      const { pages, seconds } = readRecording(name)
      expect(pages.length, name).toBeGreaterThan(1)
      for (const page of pages) expect(page.ticks[0]?.atMs, name).toBeLessThan(2000)
      if (fault) expect(fault.fromMs, name).toBeLessThan(seconds * 1000)
    }
  })

  it('names no host: addresses of candidates are not recorded', () => {
    for (const { name } of heads)
      expect(JSON.stringify(readRecording(name)), name).not.toMatch(/\d+\.\d+\.\d+\.\d+|ufrag|"address"/)
  })
})
