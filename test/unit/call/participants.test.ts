import { describe, expect, it } from 'vitest'
import { AWAY_AFTER_MS, GONE_AFTER_MS, liveVoters, readParticipants } from '../../../src/call/participants.js'
import type { Presence } from '../../../src/document/presence.js'
import type { PeerSuspicion } from '../../../src/health/peer-watch.js'

const presence = (voter: string, change: Partial<Presence> = {}): [string, Presence] => [
  voter,
  {
    participant: voter,
    voter,
    session: voter,
    beat: 1,
    hasLeft: false,
    heardAtMs: 1000,
    muted: [],
    publishing: [],
    sight: {},
    flowingOn: null,
    asking: null,
    directory: {},
    ...change,
  },
]
const read = (now: number, list: [string, Presence][], wokeAtMs = Number.NEGATIVE_INFINITY) =>
  readParticipants({ presence: new Map(list), me: 'me', now, wokeAtMs })

describe('participants', () => {
  it('P14 marks a participant away when heartbeats stop, and drops it later', () => {
    const list = [presence('ana')]
    expect(read(1000, list).get('ana')?.isAway).toBe(false)
    expect(read(1001 + AWAY_AFTER_MS, list).get('ana')?.isAway).toBe(true)
    expect(read(1001 + GONE_AFTER_MS, list).has('ana')).toBe(false)
  })

  const doubt = (level: PeerSuspicion['level'], isOwnPath = false) =>
    new Map([['ana', { participant: 'ana', level, silentForMs: 1234, isOwnPath }]])
  const judged = (now: number, list: [string, Presence][], suspicions: ReadonlyMap<string, PeerSuspicion>) =>
    readParticipants({
      presence: new Map(list),
      me: 'me',
      now,
      wokeAtMs: Number.NEGATIVE_INFINITY,
      suspicions,
    }).get('ana')

  it('P05 P11 the failure detectors say who is suspect and who is away', () => {
    expect(judged(1000, [presence('ana')], doubt('suspect'))).toMatchObject({ isSuspect: true, isAway: false })
    expect(judged(1000, [presence('ana')], doubt('confirmed'))).toMatchObject({
      isAway: true,
      silentForMs: 1234,
    })
    // Its heartbeats are lost, its media comes.
    expect(judged(60_000, [presence('ana')], doubt('trusted'))).toMatchObject({ isAway: false })
  })

  it('a silence that was told of goes on until somebody is heard', () => {
    expect(judged(4000, [presence('ana')], doubt('suspect', true))?.silentForMs).toBe(3000)
    expect(judged(4000, [presence('ana')], doubt('trusted'))?.silentForMs).toBe(1234)
  })

  it('P11 who is confirmed silent is dropped after a while, but not while we hear nobody ourselves', () => {
    expect(judged(1001 + GONE_AFTER_MS, [presence('ana')], doubt('confirmed'))).toBeUndefined()
    expect(judged(1001 + GONE_AFTER_MS, [presence('ana')], doubt('confirmed', true))).toMatchObject({
      isAway: true,
    })
    expect(judged(2000, [presence('ana')], doubt('suspect', true))).toMatchObject({ isSuspect: false })
  })

  it('P14 a frozen tab is away at once and not gone', () => {
    const frozen = [presence('ana', { page: 'frozen' })]
    expect(judged(1000, frozen, doubt('trusted'))).toMatchObject({ isAway: true })
    expect(judged(50_000, frozen, doubt('trusted'))).toMatchObject({ isAway: true })
  })

  it('P14 a hidden tab that beats is as live as any', () => {
    expect(judged(1000, [presence('ana', { page: 'hidden' })], doubt('trusted'))).toMatchObject({
      isAway: false,
    })
  })

  it('shows a person with two pages once, as the page heard last', () => {
    const list = [
      presence('old', { participant: 'ana', heardAtMs: 900, name: 'Old' }),
      presence('new', { participant: 'ana', heardAtMs: 1000, name: 'New' }),
    ]
    expect([...read(1000, list).values()].map((one) => one.name)).toEqual(['New'])
  })

  it('a participant who left is gone at once, and a page of my own is not a peer', () => {
    const list = [presence('ana', { hasLeft: true }), presence('mine', { participant: 'me' })]
    expect(read(1000, list).size).toBe(0)
  })

  it('silence that our own freeze explains makes nobody away', () => {
    const list = [presence('ana')]
    expect(read(60_000, list, 59_500).get('ana')?.isAway).toBe(false)
  })

  it('live voters include our own and everybody heard lately', () => {
    const list = [presence('ana'), presence('bob', { heardAtMs: -9000 }), presence('eve', { hasLeft: true })]
    const live = liveVoters({
      presence: new Map(list),
      me: 'me',
      now: 1000,
      wokeAtMs: Number.NEGATIVE_INFINITY,
      voter: 'self',
    })
    expect([...live].sort()).toEqual(['ana', 'self'])
  })
})
