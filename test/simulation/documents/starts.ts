/**
 * P01: people who start in the same moment with differently ordered lists. Played without documents, because it is
 * wanted a million times: everything is the production `step` on a virtual network.
 */
import { unsettled } from '../checks.js'
import { World } from '../world.js'

/** How many simultaneous starts were played, and which ended in anything but one provider. */
export interface Starts {
  readonly starts: number
  readonly races: readonly string[]
}

/** People press the button within this time of each other. */
const WITHIN_MS = 30
/** Long after everybody has connected. */
const LIMIT_MS = 5000

/** Every `workers`-th of the seeds 1 to `count`, beginning with `index`. */
export function startTogether(count: number, index = 0, workers = 1): Starts {
  const races: string[] = []
  let starts = 0
  for (let seed = 1 + index; seed <= count; seed += workers) {
    starts++
    const race = startOnce(seed)
    if (race !== null) races.push(`seed ${seed}: ${race}`)
  }
  return { starts, races }
}

function startOnce(seed: number): string | null {
  const world = new World({ seed })
  const size = world.random.between(2, 6)
  for (let index = 0; index < size; index++)
    world.after(world.random.between(0, WITHIN_MS), () => world.join(`p${index}`))
  const isSettled = world.runUntil(() => world.nodes.length === size && unsettled(world).length === 0, LIMIT_MS)
  if (!isSettled) return unsettled(world).join(', ')
  const provider = world.nodes[0]?.state.register?.head.provider
  for (const node of world.nodes) {
    const chosen = new Set(node.commits.map(({ text }) => JSON.parse(text)[2]).filter((id) => id !== null))
    if (chosen.size !== 1 || !chosen.has(provider)) return `page ${node.id} saw ${[...chosen].join(' and ')}`
  }
  return null
}
