import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../../src/clock.js'
import type { ProviderSignal } from '../../../../src/health/verdict.js'
import { watchLiveness } from '../../../../src/providers/whip/liveness.js'

/** Server-sent events and a health route whose far end is the test; the clock moves by hand. */
function rig(events: 'stream' | 'missing' | 'none') {
  let now = 0
  const timers = new Set<{ readonly at: number; readonly task: () => void }>()
  const clock: Clock = {
    now: () => now,
    wallNow: () => now,
    after(delayMs, task) {
      const timer = { at: now + delayMs, task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  }
  const leaving = new AbortController()
  const signals: string[] = []
  const streams: ReadableStreamDefaultController<Uint8Array>[] = []
  let isHung = false
  let probes = 0
  const answer = (input: unknown, init?: RequestInit): Promise<Response> => {
    if (String(input).endsWith('/health')) {
      probes += 1
      if (!isHung) return Promise.resolve(new Response(null, { status: 204 }))
      return new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    }
    if (events !== 'stream') return Promise.resolve(new Response('', { status: 404 }))
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void streams.push(controller) })
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
  }
  const liveness = watchLiveness({
    seat: { fetch: answer as typeof fetch, clock, bearer: async () => undefined },
    clock,
    scope: leaving.signal,
    eventsUrl: events === 'none' ? null : new URL('https://sfu.example/events/room'),
    health: { url: new URL('https://sfu.example/health'), method: 'GET' },
    onSignal: (signal: ProviderSignal) => signals.push(signal.type),
    onEvent: () => undefined,
  })
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
  return {
    liveness,
    signals,
    streams,
    timers,
    leaving,
    probes: () => probes,
    hang: () => {
      isHung = true
    },
    settle,
    async advance(byMs: number) {
      now += byMs
      for (const timer of [...timers])
        if (timer.at <= now) {
          timers.delete(timer)
          timer.task()
        }
      await settle()
    },
  }
}

const beat = new TextEncoder().encode(': beat\n\n')

describe('the watch over a WHIP server', () => {
  it('tells the end of the event stream at once, and that it is back', async () => {
    const { streams, signals, settle, advance } = rig('stream')
    await expect.poll(() => streams.length).toBe(1)
    streams[0]?.error(new TypeError('the process died'))
    await expect.poll(() => signals).toEqual(['socket-closed'])
    await settle()
    await advance(100)
    await expect.poll(() => signals).toEqual(['socket-closed', 'socket-open'])
  })

  it('asks nothing while the beat goes on', async () => {
    const { streams, probes, settle, advance } = rig('stream')
    await expect.poll(() => streams.length).toBe(1)
    for (let second = 0; second < 5; second += 1) {
      await advance(1_000)
      streams[0]?.enqueue(beat)
      await settle()
    }
    expect(probes()).toBe(0)
  })

  it('asks when a beat is missing, and tells a server that does not answer', async () => {
    const { streams, signals, hang, advance } = rig('stream')
    await expect.poll(() => streams.length).toBe(1)
    hang()
    await advance(1_250)
    await advance(400)
    expect(signals).toEqual(['probe-timeout'])
  })

  it.each(['missing', 'none'] as const)('asks every second where events are %s', async (events) => {
    const { signals, timers, advance } = rig(events)
    await expect.poll(() => timers.size).toBe(1)
    await advance(1_000)
    await advance(1_000)
    expect(signals).toEqual(['probe-answered', 'probe-answered'])
  })

  it('leaves no timer behind', async () => {
    const { streams, timers, leaving, settle } = rig('stream')
    await expect.poll(() => streams.length).toBe(1)
    leaving.abort()
    await settle()
    expect(timers.size).toBe(0)
  })

  it('answers a probe by hand', async () => {
    const { liveness, hang, advance } = rig('none')
    await expect(liveness.probe(50)).resolves.toBe(true)
    hang()
    const asked = liveness.probe(50)
    await advance(50)
    await expect(asked).resolves.toBe(false)
  })
})
