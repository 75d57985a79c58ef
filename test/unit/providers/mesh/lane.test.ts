import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../../src/clock.js'
import { createLane, type Lane } from '../../../../src/providers/mesh/lane.js'

/** A clock that runs its timers in order of time, on demand. */
function handClock() {
  const timers = new Set<{ readonly atMs: number; readonly task: () => void }>()
  let nowMs = 0
  const clock: Clock = {
    now: () => nowMs,
    wallNow: () => nowMs,
    after(delayMs, task) {
      const timer = { atMs: nowMs + delayMs, task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  }
  const advanceTo = (untilMs: number): void => {
    for (;;) {
      const [next] = [...timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)
      if (!next) break
      timers.delete(next)
      nowMs = next.atMs
      next.task()
    }
    nowMs = untilMs
  }
  return { clock, advanceTo, pending: () => timers.size }
}

function pair(fate: () => readonly number[]) {
  const time = handClock()
  const got: number[][] = [[], []]
  const lanes: Lane<number>[] = []
  const over = (deliver: () => void): void => {
    for (const delayMs of fate()) time.clock.after(delayMs, deliver)
  }
  for (const side of [0, 1])
    lanes.push(
      createLane<number>({
        clock: time.clock,
        transmit: (n, body) => over(() => lanes[1 - side]?.onMessage(n, body)),
        acknowledge: (n) => over(() => lanes[1 - side]?.onAck(n)),
        receive: (body) => got[side]?.push(body),
      }),
    )
  return { lanes, got, ...time }
}

describe('lane', () => {
  it('delivers each message once and in order whatever the channel loses, repeats and delays', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 3 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (fates, count) => {
          let turn = 0
          // Lossy for as long as the list lasts, then quiet: then everything must have arrived.
          const { lanes, got, advanceTo, pending } = pair(() => fates[turn++] ?? [1])
          const sent = Array.from({ length: count }, (_, index) => index)
          for (const body of sent) lanes[body % 2]?.send(body)
          advanceTo(300_000)
          expect(got[1]).toEqual(sent.filter((body) => body % 2 === 0))
          expect(got[0]).toEqual(sent.filter((body) => body % 2 === 1))
          expect(pending()).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('sends nothing and receives nothing after close', () => {
    const { lanes, got, advanceTo, pending } = pair(() => [1])
    lanes[0]?.send(1)
    lanes[0]?.close()
    lanes[1]?.close()
    lanes[0]?.send(2)
    advanceTo(10_000)
    expect(got[1]).toEqual([])
    expect(pending()).toBe(0)
  })

  it('holds a bounded number of messages that came too early', () => {
    const { lanes, got, advanceTo } = pair(() => [1])
    for (let n = 2; n < 500; n += 1) lanes[1]?.onMessage(n, n)
    lanes[1]?.onMessage(1, 1)
    advanceTo(1_000)
    expect(got[1]?.length).toBeLessThanOrEqual(65)
  })
})
