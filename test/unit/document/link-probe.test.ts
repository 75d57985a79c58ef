import { describe, expect, it } from 'vitest'
import { createLinkProbe } from '../../../src/document/link-probe.js'

describe('link probe', () => {
  it('P11 a link is live once a question was answered, and not because it is open', () => {
    const probe = createLinkProbe()
    const question = probe.ask(0, 2000) ?? -1
    expect(probe.isLive).toBe(false)
    expect(probe.answered(question, 12)).toBe(true)
    expect(probe).toMatchObject({ isLive: true, roundTripMs: 12 })
  })

  it('P11 is silent 2.5 s after a question without an answer, and live again at the next answer', () => {
    const probe = createLinkProbe()
    probe.answered(probe.ask(0, 2000) ?? -1, 5)
    expect(probe.ask(1000, 2000)).toBeNull()
    const lost = probe.ask(2100, 2000)
    expect(lost).not.toBeNull()
    expect(probe.expire(4500)).toBe(false)
    const again = probe.ask(4500, 2000) ?? -1
    expect(probe.expire(4600)).toBe(true)
    expect(probe.expire(4700)).toBe(false)
    expect(probe.silentMs(4700)).toBe(2600)
    expect(probe.answered(again, 5000)).toBe(true)
    expect(probe.silentMs(5000)).toBe(0)
  })

  it('asks once a second while there is no answer, and keeps a bounded number of questions open', () => {
    const probe = createLinkProbe()
    const asked = Array.from({ length: 60 }, (_, second) => probe.ask(second * 1000, 2000))
    expect(asked.every((question) => question !== null)).toBe(true)
    expect(probe.silentMs(60_000)).toBe(60_000)
    expect(probe.answered(asked.at(-1) ?? -1, 60_000)).toBe(true)
    expect(probe.roundTripMs).toBe(1000)
  })

  it('takes no answer to what it did not ask, nor the same twice', () => {
    const probe = createLinkProbe()
    const question = probe.ask(0, 2000) ?? -1
    expect(probe.answered(question + 1, 10)).toBe(false)
    probe.answered(question, 10)
    probe.ask(3000, 2000)
    expect(probe.expire(6000)).toBe(true)
    expect(probe.answered(question, 6000)).toBe(false)
    expect(probe.isLive).toBe(false)
  })
})
