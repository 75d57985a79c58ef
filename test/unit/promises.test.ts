/**
 * The promises of the main job on whole calls in Node: everything but the browser is the real thing, time is
 * virtual. What only a browser can show (real media, refresh, crash) is in test/browser.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { CallSnapshot } from '../../src/call/snapshot.js'
import { type NodeCall, type NodeCalls, nodeCalls } from '../support/node-calls.js'

/** In real time; a busy machine needs seconds for what takes milliseconds. */
vi.setConfig({ testTimeout: 30_000 })

let calls: NodeCalls
let room = 0

afterEach(() => calls.close())

/** A call in which everybody sees and hears everybody on `east`. */
async function callOf<Ids extends readonly string[]>(...ids: Ids): Promise<{ [Key in keyof Ids]: NodeCall }> {
  room += 1
  calls = nodeCalls(`promise-${room}`)
  const opened: NodeCall[] = []
  for (const id of ids) opened.push(await calls.open(id))
  await calls.until('everybody on east', () => areAllOn(opened, 'east'))
  await calls.run(1000)
  return opened as { [Key in keyof Ids]: NodeCall }
}

function areAllOn(members: readonly NodeCall[], provider: string): boolean {
  return members.every(
    ({ snapshots, id }) =>
      snapshots.at(-1)?.state === 'live' &&
      snapshots.at(-1)?.provider === provider &&
      members.every((other) => other.id === id || shownOf(snapshots.at(-1), other.id) === provider),
  )
}

function shownOf(snapshot: CallSnapshot | undefined, peer: string): string | null {
  return snapshot?.peers.find(({ id }) => id === peer)?.provider ?? null
}

const peerOf = (call: NodeCall, peer: string) => call.last.peers.find(({ id }) => id === peer)

/** Asks for a switch; the outcome is for those who want it. */
function ask(call: NodeCall, to: string, reason: string): Promise<string> {
  return call.session.switchTo(to, reason).then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
}

describe('selection', () => {
  it('P01 many choose at once from differently ordered lists: one provider, one record, every time', async () => {
    for (let round = 0; round < 5; round += 1) {
      room += 1
      calls = nodeCalls(`promise-${room}`)
      const opened = await Promise.all(
        ['ana', 'bob', 'cleo', 'dan'].map((id, index) =>
          calls.open(id, { providers: index % 2 === 0 ? ['east', 'west'] : ['west', 'east'] }),
        ),
      )
      const agreed = () => opened.map(({ last }) => last.agreement)
      await calls.until('everybody is there', () => opened.every(({ snapshots }) => snapshots.length > 0))
      await calls.until('one record', () => {
        const records = agreed().map(({ lineage, epoch, provider }) => [lineage, epoch, provider].join())
        return new Set(records).size === 1 && opened.every(({ last }) => last.state === 'live')
      })
      const everDecided = new Map<string, string | null>()
      for (const { decided } of agreed())
        for (const { lineage, epoch, provider } of decided) {
          const key = `${lineage}/${epoch}`
          expect(everDecided.get(key) ?? provider, key).toBe(provider)
          everDecided.set(key, provider)
        }
      if (round < 4) await calls.close()
    }
  })
})

describe('failure', () => {
  it('P02 P04 the provider dies: all switch together, and who asked and why is recorded', async () => {
    const members = await callOf('ana', 'bob', 'cleo')
    calls.east.kill()
    await calls.until('everybody on west', () => areAllOn(members, 'west'))
    const moved = members.map(({ last }) => last.agreement.decided.find(({ provider }) => provider === 'west'))
    expect(new Set(moved.map((one) => `${one?.lineage}/${one?.epoch}`)).size).toBe(1)
    const times = moved.map((one) => one?.atMs ?? Number.NaN)
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(300)
    for (const { last } of members) {
      expect(last.recovery.last).toMatchObject({ from: 'east', to: 'west', outcome: 'succeeded' })
      expect(['ana', 'bob', 'cleo']).toContain(last.recovery.last?.initiator)
      expect(last.recovery.last?.reason).toMatch(/^east failed/)
    }
  })

  it('P16 leaving and coming back three times in a row ends in one call, nobody listed twice', async () => {
    const [ana, bob, first] = await callOf('ana', 'bob', 'cleo')
    let cleo: NodeCall = first
    for (let time = 0; time < 3; time += 1) {
      const closing = cleo.session.close()
      await calls.run(300)
      cleo = await calls.open('cleo')
      await calls.settled(closing)
    }
    await calls.until('together again', () => areAllOn([ana, bob, cleo], 'east'))
    for (const one of [ana, bob, cleo]) {
      expect(one.last.peers).toHaveLength(2)
      expect(new Set(one.last.agreement.committee).size).toBe(one.last.agreement.committee.length)
    }
    expect(new Set([ana, bob, cleo].map(({ last }) => last.agreement.lineage)).size).toBe(1)
  })

  it('P25 a new page of the same person takes the seat over and is shown once, on the same provider', async () => {
    const [ana] = await callOf('ana', 'bob')
    const { lineage } = ana.last.agreement
    const again = await calls.open('bob')
    await calls.until('the new page is in', () => again.snapshots.length > 0 && areAllOn([ana, again], 'east'))
    await calls.until('it votes', () => again.last.agreement.seat === 'member')
    expect(ana.last.peers.map(({ id }) => id)).toEqual(['bob'])
    expect([...ana.last.agreement.committee].sort()).toEqual(['ana', 'bob'])
    expect(again.last.agreement.lineage).toBe(lineage)
  })

  it('P41 mutes, published sources and the bound streams are the same after a failover', async () => {
    const [ana, bob, cleo] = await callOf('ana', 'bob', 'cleo')
    bob.local.setMuted('microphone', true)
    await calls.until('told', () => peerOf(ana, 'bob')?.muted.join() === 'microphone')
    const streams = ana.last.peers.map(({ stream }) => stream)
    calls.east.kill()
    await calls.until('everybody on west', () => areAllOn([ana, bob, cleo], 'west'))
    expect(bob.last.me).toMatchObject({ muted: ['microphone'], publishing: ['camera', 'microphone'] })
    expect(peerOf(ana, 'bob')).toMatchObject({ muted: ['microphone'], publishing: ['camera', 'microphone'] })
    expect(bob.local.tracks().map(({ track }) => track.enabled)).toEqual([true, false])
    expect(ana.last.peers.map(({ stream }) => stream)).toEqual(streams)
    for (const [index, { stream }] of ana.last.peers.entries()) expect(stream).toBe(streams[index])
  })
})

describe('what is known', () => {
  it('P05 each participant sees the others join, publish, mute and leave within a second', async () => {
    const [ana, bob] = await callOf('ana', 'bob')
    const cleo = await calls.open('cleo')
    await calls.until('cleo is announced', () => peerOf(ana, 'cleo') !== undefined, 1000)
    await calls.until('cleo is seen', () => areAllOn([ana, bob, cleo], 'east'), 5000)
    expect(ana.snapshots.some((one) => one.peers.find(({ id }) => id === 'cleo')?.state === 'joining')).toBe(
      true,
    )
    cleo.local.setMuted('camera', true)
    for (const one of [ana, bob])
      await calls.until('the mute is known', () => peerOf(one, 'cleo')?.muted.join() === 'camera', 1000)
    const closing = cleo.session.close()
    for (const one of [ana, bob])
      await calls.until('cleo is gone', () => peerOf(one, 'cleo') === undefined, 1000)
    await calls.settled(closing)
    const gone = ana.moments.filter(({ name }) => name === 'peer-left').map(({ event }) => event)
    expect(gone).toEqual([{ peer: 'cleo', isClean: true }])
  })

  it('P05 while a provider is dead its connection shows as failed, and each peer where its media really is', async () => {
    const members = await callOf('ana', 'bob', 'cleo')
    const since = members[0].snapshots.length
    calls.east.kill()
    await calls.until('everybody on west', () => areAllOn(members, 'west'))
    const seen = members[0].snapshots.slice(since)
    expect(seen.flatMap(({ connections }) => connections)).toContainEqual(
      expect.objectContaining({ provider: 'east', state: 'failed' }),
    )
    for (const { peers, connections } of seen)
      for (const peer of peers)
        if (peer.provider !== 'east')
          expect(connections).toContainEqual(
            expect.objectContaining({ provider: peer.provider, state: 'connected' }),
          )
  })

  it('P14 heartbeats keep somebody who does nothing from being taken for away', async () => {
    const [ana, bob] = await callOf('ana', 'bob')
    await calls.run(15_000)
    for (const { snapshots } of [ana, bob])
      expect(snapshots.flatMap(({ peers }) => peers).filter(({ state }) => state === 'away')).toEqual([])
  })

  it('P08 the agreement can be read: provider, epoch, committee, seat, wishes, votes and what was decided', async () => {
    const members = await callOf('ana', 'bob', 'cleo')
    const outcome = ask(members[1], 'west', 'closer server')
    await calls.until('everybody on west', () => areAllOn(members, 'west'))
    expect(await calls.settled(outcome)).toBe('done')
    await calls.run(1000)
    for (const { last, snapshots } of members) {
      const { agreement } = last
      expect(agreement).toMatchObject({ status: 'committed', provider: 'west', seat: 'member', wants: {} })
      expect([...agreement.committee].sort()).toEqual(['ana', 'bob', 'cleo'])
      expect(agreement.decided.at(-1)).toMatchObject({
        lineage: agreement.lineage,
        epoch: agreement.epoch,
        provider: 'west',
        committee: agreement.committee,
      })
      expect(agreement.decided.length).toBeLessThanOrEqual(20)
      expect(snapshots.some((one) => one.agreement.wants.bob === 'west')).toBe(true)
    }
    const votes = members.flatMap(({ snapshots }) => snapshots.map(({ agreement }) => agreement.votes))
    expect(votes.flatMap((one) => Object.values(one)).some(({ provider }) => provider === 'west')).toBe(true)
    expect(new Set(members.map(({ last }) => `${last.agreement.lineage}/${last.agreement.epoch}`)).size).toBe(1)
  })

  it('P21 each recovery is logged: kind, who, trigger, from, to, success and duration, in at most 500 bytes', async () => {
    const members = await callOf('ana', 'bob', 'cleo')
    const outcome = ask(members[2], 'west', 'the support desk asked for a server that is nearer to the patient')
    await calls.until('everybody on west', () => areAllOn(members, 'west'))
    await calls.settled(outcome)
    calls.west.kill()
    await calls.until('everybody on east', () => areAllOn(members, 'east'))
    for (const { session, id } of members) {
      const log = await session.attempts()
      const moves = log.filter(({ strategy }) => strategy === 'switch-provider')
      expect(moves, id).toMatchObject([
        { incident: 'provider-outage', from: 'west', to: 'east', outcome: 'succeeded' },
        {
          incident: 'switch-requested',
          initiator: 'cleo',
          reason: 'the support desk asked for a server that is nearer to the patient',
          from: 'east',
          to: 'west',
          outcome: 'succeeded',
        },
      ])
      for (const one of log) {
        expect(one.outcome, `${id}: ${one.strategy}`).not.toBe('in-progress')
        expect(one.durationMs).toBeGreaterThanOrEqual(0)
        expect(JSON.stringify(one).length).toBeLessThanOrEqual(500)
      }
    }
  })
})

describe('atomic snapshots', () => {
  it('P06 a subscriber never sees a torn state, whatever happens in the call', async () => {
    const members = await callOf('ana', 'bob', 'cleo')
    const outcome = ask(members[0], 'west', 'test')
    await calls.until('everybody on west', () => areAllOn(members, 'west'))
    await calls.settled(outcome)
    calls.west.kill()
    await calls.until('everybody on east', () => areAllOn(members, 'east'))
    calls.west.revive()
    calls.east.hang()
    await calls.run(1000)
    calls.east.resume()
    await calls.settled(members[2].session.close())
    await calls.run(2000)
    for (const { snapshots, id } of members) {
      expect(snapshots.length).toBeGreaterThan(20)
      for (const [index, snapshot] of snapshots.entries())
        expect(tornIn(snapshot), `snapshot ${index} of ${id}`).toEqual([])
    }
  })

  it('P06 a snapshot never changes after it was shown', async () => {
    const members = await callOf('ana', 'bob')
    calls.east.kill()
    await calls.until('everybody on west', () => areAllOn(members, 'west'))
    for (const { snapshots, printed } of members)
      expect(snapshots.map((one) => JSON.stringify(one))).toEqual(printed)
  })

  it('P06 several changes of one turn are one snapshot, with all of them', async () => {
    const [ana] = await callOf('ana', 'bob')
    const before = ana.snapshots.length
    ana.local.setMuted('camera', true)
    ana.local.setMuted('microphone', true)
    ana.local.setMuted('camera', false)
    expect(ana.snapshots.length).toBe(before)
    await vi.waitFor(() => expect(ana.snapshots.length).toBeGreaterThan(before), { interval: 1 })
    await calls.run(1000)
    for (const { me } of ana.snapshots.slice(before)) expect(me.muted).toEqual(['microphone'])
  })
})

/** Statements that must hold between the parts of any snapshot; those that do not. */
function tornIn({ state, provider, agreement, connections, peers, recovery, me }: CallSnapshot): string[] {
  const current = connections.filter(({ role }) => role === 'current')
  const last = agreement.decided.at(-1)
  const ids = peers.map(({ id }) => id)
  const rules: readonly (readonly [string, boolean])[] = [
    ['the provider is the agreed one', provider === agreement.provider],
    ['the last decided record is the agreed one', (last?.provider ?? null) === agreement.provider],
    ['it has the same number', (last?.epoch ?? null) === agreement.epoch],
    ['it has the same lineage', (last?.lineage ?? null) === agreement.lineage],
    ['at most one connection is the current one', current.length <= 1],
    ['it is to the agreed provider', current.every((one) => one.provider === provider)],
    ['who is live is connected', state !== 'live' || current[0]?.state === 'connected'],
    ['a recovery in progress is shown', (recovery.state === 'in-progress') === (recovery.current !== null)],
    ['a switch has its attempt', state !== 'switching' || recovery.current?.strategy === 'switch-provider'],
    ['everybody is listed once, in order', ids.join() === [...new Set(ids)].sort().join()],
    ['nobody is their own peer', !ids.includes(me.id)],
  ]
  return rules.filter(([, isKept]) => !isKept).map(([rule]) => rule)
}
