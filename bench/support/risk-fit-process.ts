/** What `scripts/fit.mjs` bundles: the data, the fit, and how the result does on what was kept out. */
export { riskFigures } from './risk.js'
export { dataNames, riskCases } from './risk-data.js'
export { fitRisk } from './risk-fit.js'
