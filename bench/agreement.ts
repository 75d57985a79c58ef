/**
 * Suite `agreement`: what an agreement costs, in link delays, writes, bytes and milliseconds, and what the proofs
 * of it take. Everything but the time of `step` and of the proofs is counted in virtual time and does not depend
 * on the machine.
 */
import type { RunSuite } from './figure.js'
import { growthFigures } from './support/agreement-growth.js'
import { proofFigures } from './support/agreement-proof.js'
import { speedFigures } from './support/agreement-speed.js'
import { stepFigures } from './support/agreement-step.js'

/** Measures all rows. */
export const run: RunSuite = async (progress) => [
  ...stepFigures(),
  ...speedFigures(progress),
  ...(await growthFigures(progress)),
  ...(await proofFigures(progress)),
]
