/**
 * Suite `health`: how soon and how rightly trouble is seen. Live calls, the recorded fault corpus with
 * webrtc-issue-detector on the same recordings, the failure detector on recorded links, score and risk.
 */
import type { RunSuite } from './figure.js'
import { detectorFigures } from './support/detector.js'
import { corpusFigures } from './support/health-corpus.js'
import { engineFigures, healthyFigures } from './support/health-engine.js'
import { blackHoleFigures, pageCostFigures } from './support/health-live.js'
import { riskFigures } from './support/risk.js'
import { scoreFigures } from './support/score.js'

/** Measures all rows. */
export const run: RunSuite = async (progress) => [
  ...(await blackHoleFigures(progress)),
  ...(await corpusFigures(progress)),
  ...detectorFigures(),
  ...scoreFigures(),
  ...healthyFigures(progress),
  ...riskFigures(process.cwd(), progress),
  ...(await pageCostFigures(progress)),
  ...engineFigures(),
]
