import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { replay } from '../../../bench/support/replay.js'
import { LAYOUT_VERSION } from '../../../src/health/layout.js'
import { reduceStats, type StatEntry } from '../../../src/health/reduce.js'
import { createReader, createWriter } from '../../../src/worker/exact-json.js'
import { createHealthEngine } from '../../../src/worker/health-engine.js'
import { type RecordedEngine, recorded } from '../../../src/worker/recorder.js'
import { readTrace, writeTrace } from '../../../src/worker/trace.js'

const NAMES = {
  participants: [
    ['ana-7', 'Ana Lima'],
    ['bob@example', 'Bob'],
  ],
  providers: ['west', 'zurich'],
}

/** Seconds of a call with a stall, a closed socket, a probe and a word of another participant. */
function play(engine: RecordedEngine, seconds: number): void {
  for (let second = 0; second < seconds; second += 1) {
    const atMs = second * 1_000
    const isStalled = second % 40 > 30
    const frames = second * 20 - (isStalled ? (second % 40) - 30 : 0) * 20
    const entries: StatEntry[] = [
      {
        id: 'v',
        type: 'inbound-rtp',
        kind: 'video',
        ssrc: 7,
        packetsReceived: frames * 3,
        packetsLost: second,
        framesDecoded: frames,
        bytesReceived: frames * 900,
        jitter: 0.004,
      },
      {
        id: 'p',
        type: 'candidate-pair',
        nominated: true,
        state: 'succeeded',
        responsesReceived: second,
        totalRoundTripTime: second * 0.05,
        currentRoundTripTime: 0.05,
      },
    ]
    const head = { atMs, mediaAtMs: Number.NaN, costMs: 0.1 }
    const values = reduceStats(head, [{ pc: 1, role: 'both', entries, peerIndexOf: () => 0 }])
    engine.sight(atMs, [
      { participant: 'bob@example', provider: 'west', sight: isStalled ? 'suspect' : 'ok', heardAtMs: atMs },
    ])
    engine.ingest({
      atMs,
      isOnline: true,
      connections: [
        {
          connectionId: 'west-1',
          provider: 'west',
          hasServer: true,
          isCurrent: true,
          expectsInbound: true,
          expectsOutbound: true,
          peers: ['bob@example'],
          values,
        },
      ],
    })
    if (second % 40 === 32) engine.signal({ connectionId: 'west-1', atMs, signal: { type: 'socket-closed' } })
    if (second % 40 === 33) engine.probed({ connectionId: 'west-1', atMs, isAnswered: false })
    if (second % 40 === 35) engine.signal({ connectionId: 'west-1', atMs, signal: { type: 'socket-open' } })
  }
}

function traceAfter(seconds: number): string {
  const engine = recorded(createHealthEngine())
  play(engine, seconds)
  const recording = engine.recording()
  if (!recording) throw new Error('nothing was recorded')
  return JSON.stringify(writeTrace(recording, NAMES, LAYOUT_VERSION))
}

describe('a trace', () => {
  it('P12 P18 replays to the same verdicts, scores, alerts and risks, byte for byte', () => {
    const result = replay(traceAfter(90))
    expect(result.firstDifference).toBeNull()
    expect(result.inputs).toBeGreaterThan(180)
    expect(result.outputs.some(({ verdicts }) => verdicts.some(({ state }) => state === 'dead'))).toBe(true)
    expect(result.outputs.some(({ risk }) => (risk?.risks.length ?? 0) > 0)).toBe(true)
  })

  it('notices an answer that is another one', () => {
    const trace = JSON.parse(traceAfter(10)) as { steps: [string, unknown, { nextTickMs: number }][] }
    const step = trace.steps[8]
    if (step) step[2].nextTickMs += 1
    expect(replay(JSON.stringify(trace)).firstDifference?.index).toBe(8)
  })

  it('names nobody, and holds no address, token or session description', () => {
    const trace = traceAfter(50)
    for (const name of ['ana-7', 'Ana', 'bob@example', 'Bob', 'west', 'zurich'])
      expect(trace.includes(name)).toBe(false)
    expect(trace.includes('"p2"')).toBe(true)
    const engine = recorded(createHealthEngine())
    for (const secret of [
      'a=candidate:1 1 udp 1 192.0.2.7 9 typ host',
      '192.0.2.7',
      '2001:db8:0:0:1::7',
      'eyJhbGciOi.abc',
      'https://turn.example',
    ])
      engine.sight(0, [{ participant: secret, provider: 'west', sight: 'ok', heardAtMs: 0 }])
    const recording = engine.recording()
    const text = recording ? JSON.stringify(writeTrace(recording, NAMES, LAYOUT_VERSION)) : ''
    expect(text).not.toMatch(/192\.0|2001:db8|eyJ|turn\.example|candidate/)
  })

  it('keeps the last minutes only, and replays from where they begin', () => {
    const engine = recorded(createHealthEngine(), 60)
    play(engine, 100)
    const recording = engine.recording()
    expect(recording?.steps.length).toBeLessThanOrEqual(120)
    const text = recording ? JSON.stringify(writeTrace(recording, NAMES, LAYOUT_VERSION)) : ''
    expect(replay(text).firstDifference).toBeNull()
  })

  it('is not read when it is none', () => {
    for (const value of [null, 1, 'x', {}, { format: 'holdfast-trace', version: 2, steps: [] }])
      expect(readTrace(value)).toBeNull()
    expect(() => replay('{"some":"thing"}')).toThrow(SyntaxError)
  })
})

describe('exact JSON', () => {
  it('gives back every number and container as it was', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, Infinity, -Infinity))
    const numbers = fc.array(number, { minLength: 4, maxLength: 4 }).map((all) => Float64Array.from(all))
    const value = fc.oneof(
      number,
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      numbers,
      fc.array(number),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), number),
    )
    fc.assert(
      fc.property(fc.array(value, { maxLength: 12 }), (values) => {
        const write = createWriter()
        const read = createReader()
        for (const one of values) expect(read(JSON.parse(JSON.stringify(write(one))))).toEqual(one)
      }),
    )
    const map = new Map<string, unknown>([
      ['a', new Set([1, 2])],
      ['b', undefined],
    ])
    expect(createReader()(JSON.parse(JSON.stringify(createWriter()(map))))).toEqual(map)
  })
})
