/**
 * Situations people get into, on many seeds each: what must come out whatever the network's mood.
 */
import { describe, expect, test, vi } from 'vitest'
import { statusOf } from '../../src/consensus/status.js'
import { unsettled } from './checks.js'
import { healAll, partition } from './faults.js'
import type { Node } from './node.js'
import { World } from './world.js'

// Virtual minutes of several pages take real seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const SEEDS = Array.from({ length: 6 }, (_, index) => index + 1)
const CAPS = ['east', 'west', 'mesh']

/** A call of `size` people that is settled on `east`, with nobody warm on anything else. */
function settledCall(seed: number, size: number): World {
  const world = new World({ seed })
  for (let index = 0; index < size; index++) world.join(`p${index}`, CAPS)
  settle(world, 10_000)
  expect(head(world).provider).toBe('east')
  return world
}

function settle(world: World, limitMs: number): void {
  const isSettled = world.runUntil(() => unsettled(world).length === 0, limitMs)
  expect(isSettled, unsettled(world).join(', ')).toBe(true)
  world.run(4000)
  expect(unsettled(world)).toEqual([])
}

function head(world: World) {
  const record = world.up()[0]?.state.register?.head
  if (record === undefined) throw new Error('the first page is between two lineages')
  return record
}

function isOn(world: World, provider: string): boolean {
  return world.up()[0]?.state.register?.head.provider === provider
}

function at(world: World, index: number): Node {
  const node = world.up()[index]
  if (node === undefined) throw new Error(`no node ${index}`)
  return node
}

const switchesOf = (node: Node, since: number): string[] =>
  node.commits.filter((commit) => commit.at > since).map((commit) => JSON.parse(commit.text)[2])

describe.each([2, 3, 5, 8])('in a call of %i', (size) => {
  test('P04 the provider dies: everybody moves to the same one, once', () => {
    for (const seed of SEEDS) {
      const world = settledCall(seed, size)
      const before = world.now
      world.killProvider('east')
      settle(world, 8000)
      for (const node of world.up())
        expect(new Set(switchesOf(node, before)), `seed ${seed}`).toEqual(new Set([head(world).provider]))
    }
  })

  test('two want different providers in the same moment: one wins and the call does not bounce', () => {
    for (const seed of SEEDS) {
      const world = settledCall(seed, size)
      const before = world.now
      world.input(at(world, 0), { type: 'want', provider: 'west' })
      world.input(at(world, 1), { type: 'want', provider: 'mesh' })
      settle(world, 8000)
      const chosen = head(world).provider
      expect(['west', 'mesh']).toContain(chosen)
      for (const node of world.up()) expect(new Set(switchesOf(node, before))).toEqual(new Set([chosen]))
    }
  })

  test('a late joiner during a switch is seated and the switch still happens', () => {
    for (const seed of SEEDS) {
      const world = settledCall(seed, size)
      world.input(at(world, 0), { type: 'want', provider: 'west' })
      world.run(world.random.between(0, 300))
      world.join('late', CAPS)
      world.runUntil(() => isOn(world, 'west'), 8000)
      settle(world, 8000)
      expect(head(world).provider, `seed ${seed}`).toBe('west')
    }
  })

  test('somebody leaves during a switch: the switch happens, and who left stays left', () => {
    for (const seed of SEEDS) {
      const world = settledCall(seed, size)
      const leaver = world.random.pick(world.up().slice(1))
      world.input(at(world, 0), { type: 'want', provider: 'west' })
      world.run(world.random.between(0, 500))
      world.leave(leaver)
      world.runUntil(() => isOn(world, 'west'), 10_000)
      settle(world, 10_000)
      expect(head(world).provider, `seed ${seed}`).toBe('west')
      expect(head(world).committee).not.toContain(leaver.state.voter)
    }
  })

  test('a refresh during a switch: the new page takes the old one’s place', () => {
    for (const seed of SEEDS) {
      const world = settledCall(seed, size)
      const page = world.random.pick(world.up().slice(1))
      world.input(at(world, 0), { type: 'want', provider: 'west' })
      world.run(world.random.between(0, 500))
      if (world.random.chance(0.5)) world.leave(page)
      else world.crash(page)
      world.run(world.random.between(50, 800))
      world.join(page.participant, CAPS)
      world.runUntil(() => isOn(world, 'west'), 12_000)
      settle(world, 12_000)
      expect(head(world).provider, `seed ${seed}`).toBe('west')
    }
  })

  test('the candidate dies during warm-up: the wish is given up and nothing hangs', () => {
    for (const seed of SEEDS) {
      const world = settledCall(seed, size)
      world.dead.add('west')
      world.input(at(world, 0), { type: 'want', provider: 'west' })
      settle(world, 15_000)
      expect(head(world).provider, `seed ${seed}`).toBe('east')
    }
  })

  test('provider and first candidate are dead: the call lands on the third', () => {
    for (const seed of SEEDS) {
      const world = settledCall(seed, size)
      world.killProvider('west')
      world.killProvider('east')
      settle(world, 15_000)
      expect(head(world).provider, `seed ${seed}`).toBe('mesh')
    }
  })
})

test('P03 coordination fails: a survivor goes on provisionally and is reconciled after the heal', () => {
  for (const seed of SEEDS) {
    const world = settledCall(seed, 3)
    const lone = at(world, 1)
    partition(world, [[at(world, 0), at(world, 2)], [lone]])
    world.run(8000)
    expect(statusOf(lone.state, world.view(lone)), `seed ${seed}`).toBe('provisional')
    expect(lone.state.register?.head.provider).toBe('east')
    healAll(world)
    settle(world, 8000)
    expect(statusOf(lone.state, world.view(lone))).toBe('committed')
  }
})

test('a frozen tab of two wakes after ten minutes and drags nobody back', () => {
  for (const seed of SEEDS) {
    const world = settledCall(seed, 2)
    const frozen = world.random.pick(world.up())
    world.freeze(frozen)
    world.run(60_000)
    const newcomers = [world.join('n1', CAPS), world.join('n2', CAPS)]
    world.run(540_000)
    const before = newcomers[0]?.state.register?.lineage
    world.thaw(frozen)
    settle(world, 10_000)
    expect(head(world).lineage, `seed ${seed}`).toBe(before)
  }
})

test('five leave at once: the rest go on', () => {
  for (const seed of SEEDS) {
    const world = settledCall(seed, 8)
    for (const node of world.up().slice(0, 5)) world.leave(node)
    settle(world, 15_000)
    expect(world.up()).toHaveLength(3)
  }
})

test('a call of forty: five decide, everybody follows', () => {
  const world = settledCall(7, 40)
  world.input(at(world, 37), { type: 'want', provider: 'west' })
  settle(world, 8000)
  expect(head(world)).toMatchObject({ provider: 'west' })
  expect(head(world).committee).toHaveLength(5)
})

describe('speed, with 50 ms one way and everybody warm', () => {
  const oneWay = { minDelayMs: 50, maxDelayMs: 50, loss: 0, duplication: 0 }

  function warmCall(size: number): World {
    const world = settledCall(1, size)
    world.faults = oneWay
    for (const node of world.up()) world.input(node, { type: 'warm', provider: 'west', outcome: 'ready' })
    world.run(2000)
    return world
  }

  test.each([2, 3, 4, 5, 8])('a want is committed on all of %i within one round trip', (size) => {
    const world = warmCall(size)
    for (const node of world.up()) {
      const other = head(world).provider === 'west' ? 'east' : 'west'
      for (const page of world.up()) world.input(page, { type: 'warm', provider: other, outcome: 'ready' })
      world.run(3000)
      const start = world.now
      world.input(node, { type: 'want', provider: other })
      world.runUntil(() => world.up().every((page) => page.state.register?.head.provider === other), 5000)
      expect(world.now - start).toBeLessThanOrEqual(world.nodes.indexOf(node) < 5 ? 100 : 150)
      world.run(3000)
    }
  })

  test('a joiner has the record one delay after it hears the first peer', () => {
    const world = warmCall(3)
    const start = world.now
    const joiner = world.join('late', CAPS)
    world.runUntil(() => joiner.state.register !== null, 5000)
    expect(joiner.state.register?.head.provider).toBe('east')
    expect(world.now - start).toBeLessThanOrEqual(1200)
  })
})
