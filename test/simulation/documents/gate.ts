/**
 * The mutation gate: every mutant has to be noticed, for its own reason, on a seed that the unmutated protocol
 * passes.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Played } from './mutant-worker.js'
import { MUTANTS, type Mutant } from './mutants.js'
import { bundleMutant } from './mutate.js'

/** What became of one mutant. */
export interface Verdict {
  readonly name: string
  readonly isKilled: boolean
  /** Which seed and check killed it, or why it lives. */
  readonly how: string
}

/** Two cores. */
const WORKERS = 2

/** Tries all of them, two at a time. */
export async function killMutants(root: string, mutants: readonly Mutant[] = MUTANTS): Promise<Verdict[]> {
  const unmutated = await bundleMutant(null, root)
  const verdicts: Verdict[] = []
  const waiting = [...mutants.entries()]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      verdicts[next[0]] = await tryMutant(next[1], unmutated, root)
  }
  await Promise.all(Array.from({ length: WORKERS }, work))
  return verdicts
}

async function tryMutant(mutant: Mutant, unmutated: string, root: string): Promise<Verdict> {
  const { name, profile, seeds, noticedBy } = mutant
  const file = await bundleMutant(mutant, root)
  const { failed, played } = await playIn(file, mutant, seeds)
  if (failed === null) return { name, isKilled: false, how: `survives ${played} seeds of ${profile}` }
  const { seed, violation } = failed
  const at = `seed ${seed} of ${profile}: ${violation.split('\n')[0]}`
  if (!noticedBy.test(violation)) return { name, isKilled: false, how: `noticed for another reason, ${at}` }
  const control = await playIn(unmutated, mutant, [seed])
  if (control.failed !== null) return { name, isKilled: false, how: `the protocol itself fails, ${at}` }
  return { name, isKilled: true, how: at }
}

function playIn(file: string, { profile }: Mutant, seeds: readonly number[]): Promise<Played> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(file), { workerData: { profile, seeds } })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
