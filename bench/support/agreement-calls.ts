/**
 * Calls in virtual time for the suite `agreement`: everybody is connected to every provider and the link delay is
 * one fixed number, so that what is measured is the protocol and neither warm-ups nor the network.
 */
import { unsettled } from '../../test/simulation/checks.js'
import { CLEAN } from '../../test/simulation/faults.js'
import type { Node } from '../../test/simulation/node.js'
import { World } from '../../test/simulation/world.js'

/** One way, between any two pages. */
export const LINK_MS = 50
/** Far beyond every timer of the core: what has not settled by then never will. */
const SETTLE_MS = 60_000
/** So many settled milliseconds in a row end the settling: two heartbeats. */
const CALM_MS = 2000
/** What everybody can run, in this order. */
export const PROVIDERS = ['east', 'mesh', 'west']

/** A settled call of `size` people whose links take {@link LINK_MS}. */
export function calmCall(seed: number, size: number): World {
  const world = new World({ seed, providers: PROVIDERS, faults: CLEAN, warmMs: [1, 2] })
  for (let person = 0; person < size; person += 1) world.join(`p${person}`, PROVIDERS)
  settle(world)
  world.faults = { minDelayMs: LINK_MS, maxDelayMs: LINK_MS, loss: 0, duplication: 0 }
  // What was sent under the other delays has arrived.
  world.run(CALM_MS)
  warmEverybody(world)
  return world
}

/** Everybody is connected to everything that lives. */
export function warmEverybody(world: World): void {
  for (const node of world.up())
    for (const provider of PROVIDERS)
      if (!world.dead.has(provider)) world.input(node, { type: 'warm', provider, outcome: 'ready' })
  world.run(CALM_MS)
}

/** Runs until everybody rests in one record and stays there; the virtual milliseconds until that began. */
export function settle(world: World): number {
  const startedAt = world.now
  let calmSince = Number.NaN
  while (world.now - startedAt < SETTLE_MS) {
    if (unsettled(world).length > 0) calmSince = Number.NaN
    else if (Number.isNaN(calmSince)) calmSince = world.now
    if (world.now - calmSince >= CALM_MS) return calmSince - startedAt
    world.run(1)
  }
  throw new Error(`not settled after ${SETTLE_MS} ms: ${unsettled(world).join('; ')}`)
}

/** Virtual milliseconds until everybody stands on record `n` or a later one; infinite when that takes too long. */
export function untilCommitted(world: World, n: number): number {
  const startedAt = world.now
  const isEverywhere = (): boolean => world.up().every((node) => epochOf(node) >= n)
  return world.runUntil(isEverywhere, SETTLE_MS) ? world.now - startedAt : Number.POSITIVE_INFINITY
}

/** The epoch a page stands on. */
export function epochOf(node: Node): number {
  return node.state.register?.head.n ?? -1
}

/** Providers other than the present one, in the order of the app. */
export function otherProviders(world: World): string[] {
  const [node] = world.up()
  return PROVIDERS.filter((provider) => provider !== node?.state.register?.head.provider)
}
