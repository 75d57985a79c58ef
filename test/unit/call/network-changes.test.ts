import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  CHECK_EVERY_MS,
  CHECK_JITTER_MS,
  type NetworkWatch,
  watchNetwork,
} from '../../../src/call/network-changes.js'
import { manualClock } from '../document/manual-clock.js'

afterEach(() => vi.unstubAllGlobals())

function started(random = () => 0.5) {
  const clock = manualClock()
  const told: string[] = []
  const watch = watchNetwork({
    clock,
    random,
    onCheck: () => told.push('check'),
    onChange: () => told.push('change'),
  })
  return { clock, told, watch }
}

describe('network changes', () => {
  it('without a page there is nothing to listen to, and the network counts as there', () => {
    vi.stubGlobal('navigator', undefined)
    const { watch } = started()
    expect(watch.isOnline).toBe(true)
    expect(() => watch.stop()).not.toThrow()
  })

  it('P24 a sign of change is answered by one check, shortly after', () => {
    const { clock, told, watch } = started()
    watch.note('connection')
    expect(told).toEqual(['change'])
    clock.advance(CHECK_JITTER_MS)
    expect(told).toEqual(['change', 'check'])
    expect(watch.changedAtMs).toBe(0)
  })

  it('signs that come together are one, and a network that flaps is checked once a second', () => {
    const { clock, told, watch } = started(() => 0)
    for (const sign of ['online', 'connection', 'path', 'wake'] as const) watch.note(sign)
    clock.advance(1)
    expect(told.filter((one) => one === 'check').length).toBe(1)
    for (let flap = 0; flap < 30; flap += 1) {
      watch.note(flap % 2 === 0 ? 'offline' : 'online')
      clock.advance(100)
    }
    expect(told.filter((one) => one === 'check').length).toBeLessThanOrEqual(1 + 3000 / CHECK_EVERY_MS)
  })

  it('nothing is asked while there is no network; its return brings the check', () => {
    const { clock, told, watch } = started(() => 0)
    watch.note('offline')
    clock.advance(60_000)
    expect(told).toEqual(['change'])
    watch.note('online')
    clock.advance(1)
    expect(told).toEqual(['change', 'change', 'check'])
  })

  it('pages that share a network spread their checks: no storm', () => {
    const clock = manualClock()
    const at: number[] = []
    for (let page = 0; page < 20; page += 1)
      watchNetwork({
        clock,
        random: () => page / 20,
        onCheck: () => at.push(clock.now()),
        onChange: () => undefined,
      }).note('online')
    clock.advance(CHECK_JITTER_MS)
    expect(at.length).toBe(20)
    expect(new Set(at).size).toBe(20)
  })

  describe('on a page', () => {
    let connection: EventTarget
    let watch: NetworkWatch
    let checks: number
    let clock: ReturnType<typeof manualClock>

    beforeEach(() => {
      connection = new EventTarget()
      vi.stubGlobal('window', new EventTarget())
      vi.stubGlobal('navigator', { onLine: true, connection })
      clock = manualClock()
      checks = 0
      watch = watchNetwork({
        clock,
        random: () => 0,
        onCheck: () => {
          checks += 1
        },
        onChange: () => undefined,
      })
    })

    it('the browser’s own events count, and the kind of connection where it is told', () => {
      window.dispatchEvent(new Event('online'))
      clock.advance(CHECK_EVERY_MS)
      connection.dispatchEvent(new Event('change'))
      clock.advance(CHECK_EVERY_MS)
      expect(checks).toBe(2)
    })

    it('it says that there is no network while the browser says so', () => {
      vi.stubGlobal('navigator', { onLine: false })
      expect(watch.isOnline).toBe(false)
    })

    it('hears nothing and checks nothing once it was stopped', () => {
      watch.note('online')
      watch.stop()
      window.dispatchEvent(new Event('online'))
      connection.dispatchEvent(new Event('change'))
      clock.advance(10_000)
      expect(checks).toBe(0)
    })
  })
})
