/**
 * What a virtual network may do to messages.
 */
import type { Node } from './node.js'
import type { World } from './world.js'

/** Per-link faults. */
export interface LinkFaults {
  readonly minDelayMs: number
  readonly maxDelayMs: number
  readonly loss: number
  readonly duplication: number
}

/** How a world starts; the seed fixes everything else. */
export interface WorldOptions {
  readonly seed: number
  readonly faults?: LinkFaults
  readonly providers?: readonly string[]
  readonly warmMs?: readonly [number, number]
}

/** A good network. */
export const CLEAN: LinkFaults = { minDelayMs: 5, maxDelayMs: 60, loss: 0, duplication: 0 }

/** Restores every direction between all pages. */
export function healAll(world: World): void {
  for (const from of world.nodes) for (const to of world.nodes) world.setCut(from, to, false)
}

/** Cuts every direction between pages of different groups. */
export function partition(world: World, groups: readonly (readonly Node[])[]): void {
  for (const group of groups)
    for (const rest of groups)
      if (group !== rest) for (const from of group) for (const to of rest) world.setCut(from, to, true)
}
