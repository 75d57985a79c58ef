/** A shorter list of faults that still breaks a plan, found by fast-check's shrinking. */
import fc from 'fast-check'
import type { Fault, Plan } from './plan.js'
import { runPlan } from './run.js'

/** How often a failing plan is played again at most, in milliseconds of real time. */
const SHRINK_LIMIT_MS = 30_000

/** The faults that are needed for the plan to fail; all of them when it does not fail again. */
export async function shrinkFaults(
  plan: Plan,
  isFailing: (plan: Plan) => Promise<boolean> = async (one) => (await runPlan(one)).violations.length > 0,
): Promise<readonly Fault[]> {
  const holds = fc.asyncProperty(
    fc.subarray([...plan.faults]),
    async (faults) => !(await isFailing({ ...plan, faults })),
  )
  const { counterexample } = await fc.check(holds, {
    examples: [[[...plan.faults]]],
    numRuns: 1,
    seed: plan.seed,
    interruptAfterTimeLimit: SHRINK_LIMIT_MS,
  })
  return counterexample?.[0] ?? plan.faults
}
