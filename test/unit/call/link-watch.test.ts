import { describe, expect, it } from 'vitest'
import type { CallCore } from '../../../src/call/core.js'
import { createLinkWatch } from '../../../src/call/link-watch.js'
import type { Participant } from '../../../src/call/participants.js'
import type { Reading } from '../../../src/call/reading.js'
import type { BookEntry, IncidentBook } from '../../../src/recovery/incident-book.js'

const NOW_MS = 60_000

/** A call with others whose last heartbeats are so old, with media or without. */
function scene(
  heardAgoMs: readonly number[],
  { isFlowing = true, wokeAtMs = 0, page = 'visible', isUp = true, beatEveryMs = 1_000 } = {},
) {
  const warnings: string[] = []
  const due: number[] = []
  const core = {
    wokeAtMs,
    network: { isOnline: true },
    clock: { after: (ms: number) => due.push(ms) },
    requestRefresh: () => undefined,
    events: { emit: (_type: string, { code }: { readonly code: string }) => warnings.push(code) },
    document: { links: [{ kind: 'signaling', state: isUp ? 'connected' : 'closed' }] },
  } as unknown as CallCore
  const participants = new Map(
    heardAgoMs.map((agoMs, index) => [
      `p${index}`,
      { presence: { heardAtMs: NOW_MS - agoMs, page, beatEveryMs } } as unknown as Participant,
    ]),
  )
  const readingAt = (now: number): Reading =>
    ({ now, agreed: 'east', participants, expected: participants, isFlowing }) as unknown as Reading
  const told: (readonly string[])[] = []
  const ended: string[] = []
  const book = {
    see: (seen: { readonly evidence: readonly string[] }) => {
      told.push(seen.evidence)
      return { incident: { id: 'i1' } } as BookEntry
    },
    end: (id: string) => {
      ended.push(id)
      return { incident: { id } } as BookEntry
    },
  } as unknown as IncidentBook
  const watch = createLinkWatch(core)
  return { told, ended, warnings, due, core, look: (now = NOW_MS) => watch.look(readingAt(now), book) }
}

describe('the ways of the document', () => {
  it('are told as lost when nobody is heard for five heartbeats while everybody is seen', () => {
    const { told, look } = scene([5_100, 7_000])
    look()
    expect(told).toEqual([['nobody-is-heard']])
  })

  it('are fine while anybody is heard', () => {
    const { told, look } = scene([900, 7_000])
    look()
    expect(told).toEqual([])
  })

  it('are not blamed where nobody is seen either, for a sleep of our own, for frozen pages and for slow beats', () => {
    for (const how of [
      { isFlowing: false },
      { wokeAtMs: NOW_MS - 1_000 },
      { page: 'frozen' },
      { beatEveryMs: 2_000 },
    ]) {
      const { told, look } = scene([6_000], how)
      look()
      expect(told).toEqual([])
    }
  })

  it('are told as lost after three seconds in which every one of them is closed, and as well when one is back', () => {
    const { told, ended, core, look } = scene([0], { isUp: false })
    look(NOW_MS)
    look(NOW_MS + 2_900)
    expect(told).toEqual([])
    look(NOW_MS + 3_000)
    look(NOW_MS + 4_000)
    expect(told).toEqual([['every-link-closed']])
    Object.assign(core.document, { links: [{ state: 'connected' }] })
    look(NOW_MS + 4_500)
    expect(ended).toEqual(['i1'])
  })

  it('a signaling server that cannot be reached is told once after three seconds, and again when it was back', () => {
    const { warnings, due, core, look } = scene([0], { isUp: false })
    const signaling = (state: string): void => {
      const links = [
        { kind: 'webrtc', state: 'connected' },
        { kind: 'signaling', state },
      ]
      Object.assign(core.document, { links })
    }
    signaling('connecting')
    look(NOW_MS)
    expect(due).toEqual([3_000])
    look(NOW_MS + 2_999)
    expect(warnings).toEqual([])
    look(NOW_MS + 3_000)
    look(NOW_MS + 4_000)
    expect(warnings).toEqual(['signaling-unreachable'])
    signaling('connected')
    look(NOW_MS + 4_500)
    signaling('connecting')
    look(NOW_MS + 5_000)
    look(NOW_MS + 8_000)
    expect(warnings).toEqual(['signaling-unreachable', 'signaling-unreachable'])
  })
})
