/** Suite `agreement`: how many link delays a decision takes, how long a heal, and how many writes. */
import { healAll, partition } from '../../test/simulation/faults.js'
import type { Node } from '../../test/simulation/node.js'
import { seededRandom } from '../../test/simulation/random.js'
import type { World } from '../../test/simulation/world.js'
import type { Figure } from '../figure.js'
import { calmCall, epochOf, LINK_MS, otherProviders, settle, untilCommitted } from './agreement-calls.js'
import { atMost, quantile } from './statistics.js'

/** Committees of each size, and calls with observers. */
const SIZES = [2, 3, 4, 5, 8]
/** Enough for a p99 with some ten samples above it. */
const CONTENDED_PER_SIZE = 200
const HEALS = 500
const WRITE_SIZES = [5, 20, 100]
/** Long enough for every side of a cut to have forked and come to rest: T_dead, T_fork, evictions. */
const APART_MS = [5000, 20_000] as const

/** All rows in virtual time. */
export function speedFigures(progress: (line: string) => void): readonly Figure[] {
  const figures = [...uncontended(), ...hardFailure(), ...contended()]
  progress('decisions measured')
  figures.push(...heals())
  progress('heals measured')
  figures.push(...writes())
  progress('writes measured')
  return figures
}

/** Somebody wants another provider; a member's wish is its proposal too, an observer's reaches the members first. */
function uncontended(): Figure[] {
  const byMember: number[] = []
  const byObserver: number[] = []
  for (const size of SIZES) {
    const world = calmCall(size, size)
    for (const node of world.up()) {
      const isMember = node.state.register?.head.committee.includes(node.state.voter) ?? false
      const delays = decide(world, () => want(world, node, otherProviders(world)[0] ?? ''))
      ;(isMember ? byMember : byObserver).push(delays)
      world.run(3000)
    }
  }
  return [
    atMost(
      'uncontended: propose to committed everywhere, worst',
      Math.max(...byMember),
      'delays',
      2,
      byMember.length,
    ),
    atMost(
      'uncontended: wish of an observer to committed everywhere, worst',
      Math.max(...byObserver),
      'delays',
      null,
      byObserver.length,
    ),
  ]
}

function hardFailure(): Figure[] {
  const delays: number[] = []
  for (const size of SIZES) {
    const world = calmCall(size, size)
    delays.push(
      decide(world, () => {
        const provider = world.up()[0]?.state.register?.head.provider ?? ''
        world.dead.add(provider)
        for (const node of world.up()) node.deadSeen.add(provider)
        for (const node of world.up()) world.input(node, { type: 'view' })
      }),
    )
  }
  return [
    atMost(
      'hard failure seen by all: to committed everywhere, worst',
      Math.max(...delays),
      'delays',
      1,
      delays.length,
    ),
  ]
}

/** Two members want different providers within one delay. */
function contended(): Figure[] {
  const random = seededRandom(1)
  const delays: number[] = []
  for (const size of SIZES.filter((members) => members <= 5))
    for (let round = 0; round < CONTENDED_PER_SIZE; round += 1) {
      const world = calmCall(round, size)
      const [one, other] = random.shuffle(world.up())
      const [first = '', second = ''] = random.shuffle(otherProviders(world))
      if (one === undefined || other === undefined) throw new Error('a call of two or more')
      world.after(random.between(0, LINK_MS), () => want(world, other, second))
      delays.push(decide(world, () => want(world, one, first)))
    }
  return [
    atMost(
      'contended: first of two wishes to committed everywhere, p50',
      quantile(delays, 0.5),
      'delays',
      null,
      delays.length,
    ),
    atMost(
      'contended: first of two wishes to committed everywhere, p99',
      quantile(delays, 0.99),
      'delays',
      4,
      delays.length,
    ),
    atMost(
      'contended: first of two wishes to committed everywhere, worst',
      Math.max(...delays),
      'delays',
      null,
      delays.length,
    ),
  ]
}

/** A call is cut in two at random, both sides go on, the cut heals: until everybody sits in one lineage. */
function heals(): Figure[] {
  const random = seededRandom(2)
  const times: number[] = []
  for (let seed = 0; seed < HEALS; seed += 1) {
    const world = calmCall(seed, random.between(2, 8))
    const people = random.shuffle(world.up())
    const cut = random.between(1, people.length - 1)
    partition(world, [people.slice(0, cut), people.slice(cut)])
    world.run(random.between(...APART_MS))
    healAll(world)
    times.push(settle(world))
  }
  return [
    atMost(
      'heal of a partition: to one lineage with everybody seated, p50',
      quantile(times, 0.5),
      'ms',
      null,
      times.length,
    ),
    atMost(
      'heal of a partition: to one lineage with everybody seated, p99',
      quantile(times, 0.99),
      'ms',
      4000,
      times.length,
    ),
    atMost(
      'heal of a partition: to one lineage with everybody seated, worst',
      Math.max(...times),
      'ms',
      null,
      times.length,
    ),
  ]
}

/** Registers written from a member's wish until everybody rests again, in calls of very different sizes. */
function writes(): Figure[] {
  const counts = WRITE_SIZES.map((size) => {
    const world = calmCall(size, size)
    const before = world.publishes
    const members = new Set(world.up()[0]?.state.register?.head.committee)
    const member = world.up().find((node) => members.has(node.state.voter))
    if (member === undefined) throw new Error('a committee has members')
    want(world, member, otherProviders(world)[0] ?? '')
    settle(world)
    return world.publishes - before
  })
  const [fewest = 0] = counts
  return counts.map((count, index) =>
    atMost(`writes per decision, ${WRITE_SIZES[index]} people`, count, 'writes', fewest, 1),
  )
}

function want(world: World, node: Node, provider: string): void {
  world.input(node, { type: 'want', provider })
}

/** Link delays from now until everybody stands on the next record. */
function decide(world: World, begin: () => void): number {
  const n = Math.max(...world.up().map(epochOf)) + 1
  begin()
  return untilCommitted(world, n) / LINK_MS
}
