/**
 * P01: many people start in the same moment with differently ordered lists; there is one result and no race.
 */
import { expect, test } from 'vitest'
import { unsettled } from './checks.js'
import { World } from './world.js'

const SEEDS = Number(process.env.HOLDFAST_SEEDS ?? 150)

test(
  `P01 atomic selection: 0 races in ${SEEDS} simulated simultaneous starts`,
  () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = new World({ seed })
      const size = world.random.between(2, 6)
      for (let index = 0; index < size; index++)
        world.after(world.random.between(0, 30), () => world.join(`p${index}`))
      const isSettled = world.runUntil(() => world.nodes.length === size && unsettled(world).length === 0, 5000)
      expect(isSettled, `seed ${seed}: ${unsettled(world).join(', ')}`).toBe(true)
      const record = world.nodes[0]?.state.register?.head
      for (const node of world.nodes) {
        const chosen = node.commits.map((commit) => JSON.parse(commit.text)[2]).filter((id) => id !== null)
        expect(new Set(chosen), `seed ${seed}: ${node.id} never saw a second provider`).toEqual(
          new Set([record?.provider]),
        )
      }
    }
  },
  SEEDS * 500,
)
