import { afterEach, describe, expect, it, vi } from 'vitest'
import type { WhipContext } from '../../../../src/providers/whip/context.js'
import { openStash } from '../../../../src/providers/whip/stash.js'
import { manualClock } from '../../document/manual-clock.js'

/** A stash over peer connections that only count how many were opened and closed. */
function rig() {
  vi.stubGlobal('MediaStream', class {})
  const clock = manualClock()
  const counts = { opened: 0, closed: 0 }
  const context = {
    clock,
    ice: { iceServers: [] },
    scope: new AbortController().signal,
    openPeerConnection: () => {
      counts.opened += 1
      return {
        addTransceiver: () => undefined,
        createOffer: async () => ({ type: 'offer', sdp: 'v=0' }),
        close: () => {
          counts.closed += 1
        },
      }
    },
  } as unknown as WhipContext
  const wait = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 50) clock.advance(50)
  }
  return { stash: openStash(context), counts, wait }
}

afterEach(() => vi.unstubAllGlobals())

describe('the stash', () => {
  it('is full two seconds after connecting, with one to send and one for each of the others', () => {
    const { stash, counts, wait } = rig()
    stash.fillLater(() => 2)
    wait(1_000)
    expect(counts.opened).toBe(0)
    wait(1_000)
    expect(counts.opened).toBe(3)
    expect([stash.take('send'), stash.take('recv'), stash.take('recv')]).not.toContain(null)
    expect(stash.take('recv')).toBeNull()
  })

  it('makes nothing while what was taken is put to use', () => {
    const { stash, counts, wait } = rig()
    stash.fillLater(() => 2)
    wait(1_600)
    expect(counts.opened).toBe(1)
    // Its provider dies while the others are still being made.
    stash.take('send')
    wait(2_500)
    expect(counts.opened).toBe(1)
    wait(1_500)
    expect(counts.opened).toBe(4)
  })

  it('closes what nobody took when the last connection has gone', () => {
    const { stash, counts, wait } = rig()
    stash.fillLater(() => 1)
    wait(2_000)
    stash.release()
    expect(counts.closed).toBe(counts.opened)
    expect(counts.opened).toBe(2)
  })
})
