import { afterEach, describe, expect, it } from 'vitest'
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { Doc } from 'yjs'
import { beatEveryMs, silenceLimitMs } from '../../../src/document/beat-pace.js'
import { createPresenceBoard } from '../../../src/document/presence-board.js'
import { manualClock } from './manual-clock.js'

const open: Awareness[] = []
afterEach(() => {
  for (const awareness of open.splice(0)) awareness.destroy()
})

/** A page with one participant; what it says is counted in bytes and can be heard by others. */
function pageOf(participant: string, sits: boolean) {
  const clock = manualClock()
  const awareness = new Awareness(new Doc())
  open.push(awareness)
  const said: Uint8Array[] = []
  awareness.on('update', ({ added, updated }: { added: number[]; updated: number[] }, origin: unknown) => {
    if (origin === 'local') said.push(encodeAwarenessUpdate(awareness, [...added, ...updated]))
  })
  const nothing = (): void => undefined
  const options = { awareness, page: participant, clock, onChange: nothing, reject: nothing, sits: () => sits }
  const board = createPresenceBoard(options)
  const voter = participant.padEnd(22, '0')
  const seat = board.seat({ participant, session: participant, voter, facts: {} })
  board.flush()
  const hear = (updates: readonly Uint8Array[]): void => {
    for (const update of updates) applyAwarenessUpdate(awareness, update, 'link')
  }
  return { board, seat, said, hear, clock, voter }
}

describe('P14 heartbeats', () => {
  it('P14 come every second from members, more rarely from those who watch a large room', () => {
    expect([2, 12, 13, 50, 500].map((pages) => beatEveryMs(pages, false))).toEqual([
      1000, 1000, 2000, 5000, 5000,
    ])
    expect([2, 50, 500].map((pages) => beatEveryMs(pages, true))).toEqual([1000, 1000, 1000])
    expect(silenceLimitMs(2400, { beatEveryMs: 4000 })).toBe(9600)
    expect(silenceLimitMs(2400, {})).toBe(2400)
  })

  it('P14 are some twenty bytes beside a presence of hundreds, and count as hearing somebody', () => {
    const [ann, ben] = [pageOf('ann', true), pageOf('ben', true)]
    ben.hear(ann.said.splice(0))
    ben.clock.advance(1000)
    ann.seat.beat()
    const [pulse] = ann.said
    expect(ann.said).toHaveLength(1)
    expect(pulse?.length).toBeLessThan(24)
    ben.hear(ann.said.splice(0))
    expect(ben.board.heardAt(ann.voter)).toBe(ben.clock.now())
    ben.clock.advance(1000)
    ann.seat.beat()
    ben.hear(ann.said.splice(0))
    expect(ben.board.heardAt(ann.voter)).toBe(ben.clock.now())
  })

  it('P14 are told to be rarer before they are, and the others know', () => {
    const watcher = pageOf('watcher', false)
    const crowd = Array.from({ length: 40 }, (_, at) => pageOf(`person-${at}`, false))
    for (const one of crowd) watcher.hear(one.said)
    watcher.said.splice(0)
    watcher.seat.beat()
    watcher.board.flush()
    crowd[0]?.hear(watcher.said)
    expect(crowd[0]?.board.others('').get(watcher.voter)?.beatEveryMs).toBe(4000)
    watcher.said.splice(0)
    for (let second = 0; second < 12; second += 1) {
      watcher.clock.advance(1000)
      for (const one of crowd) {
        one.seat.beat()
        watcher.hear(one.said.splice(0))
      }
      watcher.seat.beat()
    }
    expect(watcher.said.length).toBeLessThanOrEqual(5)
  })
})
