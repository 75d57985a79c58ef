import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => vi.useRealTimers())

describe('systemClock', () => {
  it('keeps monotonic and wall time apart: a corrected wall clock does not move now()', () => {
    const clock = systemClock()
    const startedMs = clock.now()
    vi.setSystemTime(5_000_000)
    expect(clock.wallNow()).toBe(5_000_000)
    expect(clock.now() - startedMs).toBe(0)
    vi.advanceTimersByTime(250)
    expect(clock.now() - startedMs).toBe(250)
  })

  it('runs a task once, when its delay is over', () => {
    const task = vi.fn()
    systemClock().after(100, task)
    vi.advanceTimersByTime(99)
    expect(task).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1000)
    expect(task).toHaveBeenCalledTimes(1)
  })

  it('never runs a cancelled task, and cancelling twice does no harm', () => {
    const task = vi.fn()
    const cancel = systemClock().after(100, task)
    cancel()
    cancel()
    vi.advanceTimersByTime(1000)
    expect(task).not.toHaveBeenCalled()
  })

  it('leaves no timer behind', () => {
    systemClock().after(100, () => {})()
    expect(vi.getTimerCount()).toBe(0)
  })
})
