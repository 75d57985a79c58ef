/**
 * `npm run fit`: fits the risk model from the links of `bench/support/risk-data.ts` and writes its coefficients to
 * `src/health/risk-coefficients.ts`, with the names of the data. Reproducible: no network, no clock, fixed seeds.
 * `--dry` writes nothing. Prints how the result does on the sessions that were kept out.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { ROOT } from './checks.mjs'

const FOLDER = join(ROOT, '../shared/data/mobile-traces')
const OUTPUT = join(ROOT, 'src/health/risk-coefficients.ts')

const { riskCases, dataNames, fitRisk } = await bundled('fit')
const coefficients = fitRisk(riskCases(FOLDER), dataNames(FOLDER))
if (!process.argv.includes('--dry')) {
  writeFileSync(
    OUTPUT,
    `/**
 * Written by \`npm run fit\`; do not edit. Fitted from: ${coefficients.data.join(', ')}.
 */
import type { RiskCoefficients } from './risk-model.js'

/** The model of \`risk-model.ts\`. */
export const RISK_COEFFICIENTS: RiskCoefficients = ${JSON.stringify(coefficients)}
`,
  )
  execFileSync(join(ROOT, 'node_modules/.bin/biome'), ['format', '--write', OUTPUT], {
    cwd: ROOT,
    stdio: 'ignore',
  })
}
// Bundled once more: with the coefficients that have just been written.
const { riskFigures } = await bundled('fit-again')
for (const { name, value, unit, bar, holds, n } of riskFigures(ROOT, (line) =>
  process.stderr.write(`${line}\n`),
))
  process.stdout.write(
    `${name}: ${value} ${unit}${bar === null ? '' : `  bar ${bar} ${holds ? 'holds' : 'MISSED'}`} (n=${n})\n`,
  )

async function bundled(name) {
  const outfile = join(ROOT, 'node_modules/.cache/holdfast-bench', `${name}.mjs`)
  await build({
    entryPoints: [join(ROOT, 'bench/support/risk-fit-process.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
  })
  return import(pathToFileURL(outfile).href)
}
