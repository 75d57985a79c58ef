/** Suite `detector`: the failure detector of peers alone; the same rows are part of suite `health`. */
import type { RunSuite } from './figure.js'
import { detectorFigures } from './support/detector.js'

/** Measures all rows, in virtual time. */
export const run: RunSuite = async () => detectorFigures()
