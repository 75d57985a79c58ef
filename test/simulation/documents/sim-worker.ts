/** A thread of `npm run sim` (scripts/sim.mjs): plays its part of the jobs and posts the sum. */
import { parentPort, workerData } from 'node:worker_threads'
import { addTally, failureText, makeJobs, newTally, playJob, type Tally } from './batch.js'
import { killMutants } from './gate.js'
import type { Profile } from './plan.js'
import { startTogether } from './starts.js'

export { addTally, failureText, killMutants, newTally }

interface Task {
  readonly seeds: number
  readonly profile: Profile | null
  readonly first: number
  readonly starts: number
  /** This worker's part. */
  readonly index: number
  readonly workers: number
}

const isWorker = parentPort !== null
if (isWorker) await work(workerData as Task)

async function work(task: Task): Promise<void> {
  const { index, workers, starts } = task
  if (starts > 0) {
    parentPort?.postMessage(startTogether(starts, index, workers))
    return
  }
  const tally: Tally = newTally()
  const jobs = makeJobs(task.seeds, task.profile, task.first).filter((_job, at) => at % workers === index)
  for (const job of jobs) await playJob(tally, job)
  parentPort?.postMessage(tally)
}
