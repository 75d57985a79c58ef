import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.js'
import type { ConnectionVerdict } from '../../../src/health/verdict.js'
import { createHealth } from '../../../src/worker/health-loop.js'
import { createPageHost } from '../../../src/worker/page-host.js'
import type { SampledConnection } from '../../../src/worker/sampler.js'

/** A clock moved by hand; promises settle between two steps. */
function handClock() {
  let nowMs = 0
  let tasks: { atMs: number; task: () => void }[] = []
  const clock: Clock = {
    now: () => nowMs,
    wallNow: () => nowMs,
    after(delayMs, task) {
      const entry = { atMs: nowMs + delayMs, task }
      tasks.push(entry)
      return () => {
        tasks = tasks.filter((other) => other !== entry)
      }
    },
  }
  const advance = async (ms: number): Promise<void> => {
    for (const endMs = nowMs + ms; nowMs < endMs; ) {
      nowMs += 5
      for (const entry of tasks.filter((one) => one.atMs <= nowMs)) {
        tasks = tasks.filter((other) => other !== entry)
        entry.task()
      }
      // Engine answers and probe answers pass through a few promises.
      for (let turn = 0; turn < 12; turn += 1) await Promise.resolve()
    }
  }
  return { clock, advance, open: () => tasks.length }
}

/** A peer connection whose receiver reports media until told otherwise. */
function fakeConnection(clock: Clock) {
  let isFlowing = true
  let isHanging = false
  let lastMs = 0
  let statsCalls = 0
  const stamp = (): number => {
    if (isFlowing) lastMs = clock.now()
    return lastMs
  }
  const receiver = { getSynchronizationSources: () => [{ timestamp: stamp() + 1_700 }] }
  const stats = () =>
    new Map([
      [
        'i',
        {
          type: 'inbound-rtp',
          id: 'i',
          ssrc: 1,
          kind: 'audio',
          packetsReceived: stamp(),
          bytesReceived: 2 * stamp(),
        },
      ],
      ['t', { type: 'transport', id: 't', packetsReceived: stamp() }],
    ])
  const pc = {
    signalingState: 'stable',
    getReceivers: () => [receiver],
    getStats: () => {
      statsCalls += 1
      return isHanging ? new Promise(() => undefined) : Promise.resolve(stats())
    },
  } as unknown as RTCPeerConnection
  const source: SampledConnection = {
    connectionId: 'c',
    provider: 'east',
    role: 'current',
    hasServer: true,
    expectsInbound: true,
    expectsOutbound: false,
    entries: [{ id: 'p', pc, role: 'recv', peer: 'ann' }],
  }
  return {
    source,
    stop: () => {
      isFlowing = false
    },
    hang: () => {
      isHanging = true
    },
    statsCalls: () => statsCalls,
  }
}

async function begin(answers: boolean | null | 'never') {
  const { clock, advance, open } = handClock()
  const connection = fakeConnection(clock)
  const verdicts: { atMs: number; verdict: ConnectionVerdict }[] = []
  const probes: { atMs: number; limitMs: number }[] = []
  let beats = 0
  let fps: unknown = null
  const health = createHealth({
    host: Promise.resolve(createPageHost(clock, [])),
    clock,
    sources: () => [connection.source],
    getSight: () => [],
    onVerdicts: (changed) => verdicts.push(...changed.map((verdict) => ({ atMs: clock.now(), verdict }))),
    onPeerHealth: (peers) => {
      fps = peers.ann
    },
    onBeat: () => {
      beats += 1
    },
    probe: (_connection, limitMs) => {
      probes.push({ atMs: clock.now(), limitMs })
      if (answers === 'never') return new Promise(() => undefined)
      return new Promise((resolve) => clock.after(answers === false ? limitMs : 5, () => resolve(answers)))
    },
  })
  health.start()
  await advance(3_000)
  return { health, connection, verdicts, probes, advance, open, clock, beats: () => beats, peer: () => fps }
}

describe('the health loop', () => {
  it('beats once a second, reads stats once a second and rates peers', async () => {
    const one = await begin(true)
    const [beats, calls] = [one.beats(), one.connection.statsCalls()]
    await one.advance(10_000)
    expect(one.beats() - beats).toBe(10)
    expect(one.connection.statsCalls() - calls).toBe(10)
    expect(one.peer()).toMatchObject({ bitrateBps: 16_000 })
    expect(one.verdicts.map(({ verdict }) => verdict.state)).toEqual(['ok'])
    one.health.stop()
  })

  it('finds a frozen provider within 0.9 s of its last packet, by one probe', async () => {
    const one = await begin(false)
    one.connection.stop()
    const stoppedMs = one.clock.now()
    await one.advance(2_000)
    const dead = one.verdicts.find(({ verdict }) => verdict.state === 'dead')
    expect(dead?.verdict.blame).toBe('provider')
    expect((dead?.atMs ?? Number.POSITIVE_INFINITY) - stoppedMs).toBeLessThanOrEqual(900)
    one.health.stop()
  })

  it('calls a probe that never returns unanswered', async () => {
    const one = await begin('never')
    one.connection.stop()
    await one.advance(2_000)
    expect(one.verdicts.at(-1)?.verdict).toMatchObject({ state: 'dead', blame: 'provider' })
    one.health.stop()
  })

  it('judges a closed socket at once instead of at the next tick', async () => {
    const one = await begin(false)
    one.connection.stop()
    const stoppedMs = one.clock.now()
    one.health.signal('c', { type: 'socket-closed' })
    await one.advance(400)
    const dead = one.verdicts.find(({ verdict }) => verdict.state === 'dead')
    expect((dead?.atMs ?? Number.POSITIVE_INFINITY) - stoppedMs).toBeLessThanOrEqual(250)
    one.health.stop()
  })

  it('goes on judging while getStats hangs', async () => {
    const one = await begin(false)
    one.connection.hang()
    await one.advance(5_000)
    expect(one.verdicts.at(-1)?.verdict.state).toBe('ok')
    one.connection.stop()
    await one.advance(1_000)
    expect(one.verdicts.at(-1)?.verdict.state).toBe('dead')
    one.health.stop()
  })

  it('leaves no timer behind and says nothing after stop', async () => {
    const one = await begin(false)
    one.health.stop()
    one.connection.stop()
    const said = one.verdicts.length
    await one.advance(3_000)
    expect(one.verdicts).toHaveLength(said)
    expect(one.open()).toBe(0)
  })
})
