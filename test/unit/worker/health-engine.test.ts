import { describe, expect, it } from 'vitest'
import { NO_FACTS } from '../../../src/health/facts.js'
import { type RawStats, reduceStats, type StatEntry } from '../../../src/health/reduce.js'
import type { PeerHealth } from '../../../src/health/verdict.js'
import { NO_WORD } from '../../../src/health/word.js'
import { createHealthEngine } from '../../../src/worker/health-engine.js'
import type { ConnectionSample, HealthEngine } from '../../../src/worker/protocol.js'

interface Heard {
  readonly frames: number
  readonly answers: number
  readonly rttMs: number
}

/** One connection on which bob is received; null: no peer connection of his yet. */
function sampleOf(connectionId: string, atMs: number, heard: Heard | null, isCurrent = true): ConnectionSample {
  const entries: StatEntry[] =
    heard === null
      ? []
      : [
          {
            id: 'in',
            type: 'inbound-rtp',
            kind: 'video',
            ssrc: 7,
            packetsReceived: 10 + heard.frames * 3,
            packetsLost: 0,
            bytesReceived: heard.frames * 4_000,
            framesDecoded: heard.frames,
            jitter: 0.004,
          },
          { id: 't', type: 'transport', packetsReceived: 300, selectedCandidatePairId: 'p' },
          {
            id: 'p',
            type: 'candidate-pair',
            responsesReceived: heard.answers,
            currentRoundTripTime: heard.rttMs / 1_000,
          },
        ]
  const raw: RawStats[] = heard === null ? [] : [{ pc: 1, role: 'recv', entries, peerIndexOf: () => 0 }]
  return {
    connectionId,
    provider: connectionId,
    hasServer: true,
    isCurrent,
    expectsInbound: true,
    expectsOutbound: false,
    peers: heard === null ? [] : ['bob'],
    values: reduceStats({ atMs, mediaAtMs: Number.NaN, costMs: 0 }, raw),
  }
}

function bobAfter(engine: HealthEngine, atMs: number, ...connections: ConnectionSample[]): PeerHealth | null {
  return engine.ingest({ atMs, isOnline: true, connections }).peers?.bob ?? null
}

describe('the health of a peer whose stream has just begun', () => {
  it('is not judged by the window in which its first frame came', () => {
    const engine = createHealthEngine()
    bobAfter(engine, 0, sampleOf('west', 0, { frames: 0, answers: 2, rttMs: 2 }))
    // It came 200 ms before the end of the window: 3 frames in a second would look like a slide show.
    const begun = bobAfter(engine, 1_000, sampleOf('west', 1_000, { frames: 3, answers: 2, rttMs: 2 }))
    expect(begun).toMatchObject({ fps: null, score: 100 })
    const whole = bobAfter(engine, 2_000, sampleOf('west', 2_000, { frames: 18, answers: 2, rttMs: 2 }))
    expect(whole).toMatchObject({ fps: 15, score: 100 })
  })

  it('is bad when no frame comes at all', () => {
    const engine = createHealthEngine()
    for (const atMs of [0, 1_000])
      bobAfter(engine, atMs, sampleOf('west', atMs, { frames: 0, answers: 2, rttMs: 2 }))
    const begun = bobAfter(engine, 2_000, sampleOf('west', 2_000, { frames: 0, answers: 2, rttMs: 2 }))
    expect(begun).toMatchObject({ fps: 0, score: 100 })
    const still = bobAfter(engine, 3_000, sampleOf('west', 3_000, { frames: 0, answers: 2, rttMs: 2 }))
    expect(still).toMatchObject({ fps: 0, score: 0 })
  })

  it('does not count the round trips of a busy start, only those measured since', () => {
    const engine = createHealthEngine()
    const busy = { answers: 1, rttMs: 680 }
    bobAfter(engine, 0, sampleOf('west', 0, { frames: 1, ...busy }))
    // Connecting to others goes on, and one more slow answer comes.
    const early = bobAfter(engine, 1_000, sampleOf('west', 1_000, { frames: 16, answers: 2, rttMs: 680 }))
    expect(early).toMatchObject({ rttMs: null, score: 100 })
    const still = { frames: 31, answers: 2, rttMs: 680 }
    expect(bobAfter(engine, 2_000, sampleOf('west', 2_000, still))).toMatchObject({ rttMs: null, score: 100 })
    const later = { answers: 3, rttMs: 340 }
    const measured = bobAfter(engine, 3_000, sampleOf('west', 3_000, { frames: 46, ...later }))
    expect(measured).toMatchObject({ rttMs: 340 })
    expect(measured?.score).toBeLessThan(100)
  })
})

describe('the health of a peer right after a switch', () => {
  const fine = (second: number): Heard => ({ frames: 15 * second, answers: 2 + second, rttMs: 2 })

  it('stays what it was until the new connection is rated', () => {
    const engine = createHealthEngine()
    for (const second of [0, 1, 2])
      bobAfter(engine, second * 1_000, sampleOf('east', second * 1_000, fine(second)))
    const old = sampleOf('east', 2_500, fine(2), false)
    expect(bobAfter(engine, 2_500, old, sampleOf('west', 2_500, fine(0)))).toMatchObject({
      fps: 15,
      score: 100,
    })
  })

  it('is that of the new connection for who has gone ahead to it', () => {
    const engine = createHealthEngine()
    for (const second of [0, 1, 2])
      bobAfter(
        engine,
        second * 1_000,
        sampleOf('east', second * 1_000, fine(second)),
        sampleOf('west', second * 1_000, fine(second), false),
      )
    // He sends on the new one only; the agreement is about to follow.
    const left = sampleOf('east', 3_000, fine(2))
    expect(bobAfter(engine, 3_000, left, sampleOf('west', 3_000, fine(3), false))).toMatchObject({ fps: 15 })
  })

  it('is unknown when its picture stood still before, and not bad any more', () => {
    const engine = createHealthEngine()
    for (const second of [0, 1]) bobAfter(engine, second * 1_000, sampleOf('east', second * 1_000, fine(1)))
    expect(bobAfter(engine, 2_000, sampleOf('east', 2_000, fine(1)))).toMatchObject({ fps: 0, score: 0 })
    const dead = sampleOf('east', 2_500, fine(1), false)
    expect(bobAfter(engine, 2_500, dead, sampleOf('west', 2_500, fine(0)))).toMatchObject({ score: null })
    const rated = bobAfter(engine, 3_500, dead, sampleOf('west', 3_500, fine(1)))
    expect(rated?.score).toBe(100)
  })
})

describe('the health of a peer who has muted its camera', () => {
  /** Bob after some seconds in which his picture does not move; `muted` is what he says of himself. */
  function stillBob(muted: readonly string[]): PeerHealth | null {
    const engine = createHealthEngine()
    const bob = { id: 'bob', publishing: ['camera'], muted, isAway: false, suspicion: null, silentMs: 0 }
    const facts = { ...NO_FACTS, me: 'ana', peers: [{ ...bob, word: NO_WORD, flowingOn: null }] }
    let last: PeerHealth | null = null
    for (const atMs of [0, 1_000, 2_000, 3_000, 4_000])
      last =
        engine.ingest({
          atMs,
          isOnline: true,
          connections: [sampleOf('west', atMs, { frames: 20, answers: 2, rttMs: 2 })],
          // The page tells its facts now and then, and they hold until the next ones.
          ...(atMs === 0 ? { facts } : {}),
        }).peers?.bob ?? last
    return last
  }

  it('is not bad because no frames come, as it is when he says nothing of it', () => {
    expect(stillBob(['camera'])).toMatchObject({ videoScore: null })
    expect(stillBob([])?.videoScore).toBe(0)
  })
})
