/** A thread of the mutation gate: plays seeds until one fails. Bundled once for each mutant. */
import { parentPort, workerData } from 'node:worker_threads'
import { makePlan, type Profile } from './plan.js'
import { runPlan } from './run.js'

/** What a thread answers. */
export interface Played {
  readonly played: number
  /** The first seed that failed. */
  readonly failed: { readonly seed: number; readonly violation: string } | null
}

async function play(profile: Profile, seeds: readonly number[]): Promise<Played> {
  for (const [index, seed] of seeds.entries()) {
    const { violations } = await runPlan(makePlan(profile, seed))
    const [violation] = violations
    if (violation !== undefined) return { played: index + 1, failed: { seed, violation } }
  }
  return { played: seeds.length, failed: null }
}

const { profile, seeds } = workerData as { readonly profile: Profile; readonly seeds: readonly number[] }
parentPort?.postMessage(await play(profile, seeds))
