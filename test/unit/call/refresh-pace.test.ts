import { describe, expect, it } from 'vitest'
import { createRefreshPace } from '../../../src/call/refresh-pace.js'
import { manualClock } from '../document/manual-clock.js'

/** Lets posted tasks run. */
const tasks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

function pacing() {
  const clock = manualClock()
  let isAwaitingVotes = false
  let isMoving = false
  let refreshes = 0
  const pace = createRefreshPace({
    clock,
    isAwaitingVotes: () => isAwaitingVotes,
    isMoving: () => isMoving,
    refresh: () => {
      refreshes += 1
    },
  })
  return {
    clock,
    pace,
    awaitVotes: (is: boolean) => {
      isAwaitingVotes = is
    },
    move: (is: boolean) => {
      isMoving = is
    },
    count: () => refreshes,
  }
}

describe('the pace of refreshes', () => {
  it('is one after a turn, however often it was asked for', async () => {
    const { pace, count } = pacing()
    pace.request()
    pace.request()
    expect(count()).toBe(0)
    await tasks()
    expect(count()).toBe(1)
    pace.stop()
  })

  it('waits for votes, and not for longer than nobody notices', async () => {
    const { pace, clock, awaitVotes, count } = pacing()
    awaitVotes(true)
    pace.request()
    await tasks()
    expect(count()).toBe(0)
    clock.advance(41)
    await tasks()
    expect(count()).toBe(1)
    pace.stop()
  })

  it('is seldom while a connection is made beside another one, and at once when it is there', async () => {
    const { pace, clock, move, count } = pacing()
    move(true)
    pace.request()
    await tasks()
    expect(count()).toBe(1)
    clock.advance(10)
    pace.request()
    await tasks()
    expect(count()).toBe(1)
    move(false)
    pace.request()
    await tasks()
    expect(count()).toBe(2)
    move(true)
    pace.request()
    clock.advance(41)
    await tasks()
    expect(count()).toBe(3)
    pace.stop()
  })

  it('leaves the machine to the others after a decision that has time, and not after one in need', async () => {
    const { pace, clock, count } = pacing()
    pace.easeOff()
    pace.request()
    await tasks()
    expect(count()).toBe(0)
    clock.advance(26)
    await tasks()
    expect(count()).toBe(1)
    pace.easeOff()
    pace.hurry()
    await tasks()
    expect(count()).toBe(2)
    pace.stop()
  })

  it('leaves it to them also when the decision itself has asked for a refresh already', async () => {
    const { pace, clock, count } = pacing()
    pace.request()
    pace.easeOff()
    await tasks()
    expect(count()).toBe(0)
    clock.advance(26)
    await tasks()
    expect(count()).toBe(1)
    pace.stop()
  })

  it('is over when stopped', async () => {
    const { pace, count } = pacing()
    pace.request()
    pace.stop()
    pace.request()
    await tasks()
    expect(count()).toBe(0)
  })
})
