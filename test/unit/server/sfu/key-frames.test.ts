import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createKeyFrameRequests } from '../../../../src/server/sfu/key-frames.js'

describe('requests for key frames', () => {
  let sentAt: number[]
  const make = () => createKeyFrameRequests(() => sentAt.push(performance.now()))
  beforeEach(() => {
    vi.useFakeTimers()
    sentAt = []
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const gaps = () => sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0))

  it('go out at once and only once for everybody who waits', () => {
    const requests = make()
    requests.want()
    requests.want()
    expect(sentAt).toHaveLength(1)
    requests.arrived()
    vi.advanceTimersByTime(5_000)
    expect(sentAt).toHaveLength(1)
  })

  it('are kept for later, not dropped, when the last one was too recent', () => {
    const requests = make()
    requests.want()
    requests.arrived()
    requests.want()
    expect(sentAt).toHaveLength(1)
    vi.advanceTimersByTime(300)
    expect(gaps()).toEqual([300])
  })

  it('are repeated until the picture comes, and given up in the end', () => {
    const requests = make()
    requests.want()
    vi.advanceTimersByTime(450)
    expect(gaps()).toEqual([150, 150, 150])
    vi.advanceTimersByTime(60_000)
    expect(sentAt).toHaveLength(9)
    requests.want()
    expect(sentAt).toHaveLength(10)
  })

  it('can be made again after a stop', () => {
    const requests = make()
    requests.want()
    requests.stop()
    vi.advanceTimersByTime(5_000)
    requests.want()
    expect(sentAt).toHaveLength(2)
    requests.stop()
  })
})
