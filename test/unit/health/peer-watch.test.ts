import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  INITIAL_PEERS_STATE,
  observePeers,
  type PeerHeard,
  type PeerSuspicion,
  type PeersState,
} from '../../../src/health/peer-watch.js'

/** A call in virtual time: looks every 250 ms; what each peer still sends is told by `sends`. */
function watch(sends: (peer: string, atMs: number) => boolean, peers = ['ana', 'bob']) {
  let state: PeersState = INITIAL_PEERS_STATE
  let nowMs = 0
  const last = new Map<string, { beat: number; media: number }>()
  const changes: (PeerSuspicion & { atMs: number })[] = []
  return {
    changes,
    levels: () => Object.fromEntries(peers.map((peer) => [peer, state.peers[peer]?.suspicion.level])),
    run(
      untilMs: number,
      { ownPath = true as boolean | null, isOnline = true, excused = [] as string[], tickMs = 250 } = {},
    ) {
      while (nowMs < untilMs) {
        nowMs += tickMs
        const rows: PeerHeard[] = peers.map((peer) => {
          const known = last.get(peer) ?? { beat: 0, media: 0 }
          if (sends(peer, nowMs)) {
            known.media = nowMs
            if (nowMs % 1000 < 250) known.beat = nowMs
          }
          last.set(peer, known)
          return {
            participant: peer,
            beatAtMs: known.beat,
            mediaAtMs: known.media,
            beatEveryMs: 1000,
            isExcused: excused.includes(peer),
          }
        })
        const ownPathAtMs = ownPath === null ? null : ownPath ? nowMs - (nowMs % 2500) : 20_000
        const result = observePeers(state, { atMs: nowMs, isOnline, ownPathAtMs, peers: rows })
        state = result.state
        changes.push(...result.changes.map((change) => ({ ...change, atMs: nowMs })))
      }
    },
    jump(byMs: number) {
      nowMs += byMs
    },
  }
}

const confirmed = (changes: readonly PeerSuspicion[]) => changes.filter(({ level }) => level === 'confirmed')

describe('peer watch', () => {
  it('P11 P14 who falls silent is suspect after 1.3 s, confirmed after 3, and trusted again when heard', () => {
    const call = watch((peer, atMs) => peer === 'bob' || atMs <= 20_000 || atMs > 40_000)
    call.run(50_000)
    const told = call.changes.filter(({ participant, atMs }) => participant === 'ana' && atMs > 1000)
    expect(told.map(({ level, atMs }) => [level, atMs])).toEqual([
      ['suspect', 21_500],
      ['confirmed', 23_000],
      ['trusted', 40_250],
    ])
  })

  it('when nobody is heard it is our own network, and nobody is confirmed dead for ten seconds', () => {
    const call = watch((_peer, atMs) => atMs <= 20_000 || atMs > 29_000)
    call.run(29_000, { ownPath: false })
    expect(confirmed(call.changes)).toEqual([])
    expect(call.changes.filter(({ isOwnPath }) => isOwnPath).length).toBe(2)
    call.run(35_000)
    expect(call.levels()).toEqual({ ana: 'trusted', bob: 'trusted' })
    expect(confirmed(call.changes)).toEqual([])
  })

  it('after an outage of our own nobody is confirmed because another one is heard first', () => {
    const call = watch((peer, atMs) => atMs <= 20_000 || atMs > (peer === 'ana' ? 27_000 : 27_500))
    call.run(27_000, { ownPath: false })
    call.run(40_000)
    expect(confirmed(call.changes)).toEqual([])
  })

  it('while the browser says that it is offline nobody is confirmed', () => {
    const call = watch((_peer, atMs) => atMs <= 20_000, ['ana'])
    call.run(20_000)
    call.run(29_000, { isOnline: false, ownPath: null })
    expect(confirmed(call.changes)).toEqual([])
  })

  it('with nothing to compare with, silence is enough', () => {
    const call = watch((_peer, atMs) => atMs <= 20_000, ['ana'])
    call.run(24_000, { ownPath: null })
    expect(confirmed(call.changes).map(({ participant }) => participant)).toEqual(['ana'])
  })

  it('P11 a stalled page, throttled ticks and sleeps up to 60 s make nobody dead', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 500, max: 60_000 }), fc.integer({ min: 500, max: 20_000 })), {
          maxLength: 8,
        }),
        fc.constantFrom(250, 1000, 1500),
        (stalls, tickMs) => {
          const call = watch(() => true)
          let atMs = 10_000
          call.run(atMs, { tickMs })
          for (const [stallMs, goesOnMs] of stalls) {
            call.jump(stallMs)
            atMs += stallMs + goesOnMs
            call.run(atMs, { tickMs })
          }
          expect(confirmed(call.changes)).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('a page that wakes gives the others time to be heard before it judges them', () => {
    let isBack = false
    const call = watch((_peer, atMs) => atMs <= 20_000 || isBack)
    call.run(20_000)
    call.jump(60_000)
    call.run(82_000)
    isBack = true
    call.run(90_000)
    expect(confirmed(call.changes)).toEqual([])
  })

  it('somebody who said that the page is frozen is not taken for dead', () => {
    const call = watch((peer, atMs) => peer === 'bob' || atMs <= 20_000)
    call.run(20_000)
    call.run(50_000, { excused: ['ana'] })
    expect(confirmed(call.changes)).toEqual([])
    expect(call.levels().ana).toBe('trusted')
  })

  it('a confirmed peer stays so while our own network has doubts of its own', () => {
    const call = watch((peer, atMs) => (peer === 'ana' ? atMs <= 20_000 : atMs <= 25_000 || atMs > 28_000))
    call.run(40_000)
    const told = call.changes.filter(({ participant, atMs }) => participant === 'ana' && atMs > 21_000)
    expect(told.at(-1)?.level).toBe('confirmed')
    expect(confirmed(told).length).toBeGreaterThan(0)
    expect(told.filter(({ level }) => level === 'trusted')).toEqual([])
  })
})
