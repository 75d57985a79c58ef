/**
 * The checks that are not tests, in the order in which they run: each is one command that exits with 0 when
 * all is well. A passing check prints one line, a failing one its whole output.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

const packageScript = (path) => [process.execPath, join(ROOT, 'node_modules', path)]
const BIOME = packageScript('@biomejs/biome/bin/biome')
const TSC = packageScript('typescript/bin/tsc')

/** Before the tests: the packaging tests read what the build writes. */
export const SOURCE_CHECKS = {
  'format and lint': [...BIOME, 'ci', '--error-on-warnings', '--colors=off'],
  types: [...TSC, '-p', 'tsconfig.json'],
  'types of the pure folders, without DOM': [...TSC, '-p', 'tsconfig.pure.json'],
  'types of the browser code, without Node': [...TSC, '-p', 'tsconfig.browser.json'],
  build: [...packageScript('rollup/dist/bin/rollup'), '--config', '--silent'],
}

/** After the build: what would be published. */
export const PACKAGE_CHECKS = {
  publint: [...packageScript('publint/src/cli.js'), '--strict'],
  'types as consumers resolve them': [
    ...packageScript('@arethetypeswrong/cli/dist/index.js'),
    '--pack',
    '--profile',
    'esm-only',
    '--no-color',
    '--no-emoji',
    '--quiet',
  ],
  size: [process.execPath, join(ROOT, 'scripts/size.mjs')],
  'unused code and dependencies': [...packageScript('knip/bin/knip.js'), '--treat-config-hints-as-errors'],
}

/** Runs the checks one after the other; returns how many failed. */
export async function runChecks(checks) {
  let failed = 0
  for (const [name, command] of Object.entries(checks)) {
    const startedMs = performance.now()
    const { status, output } = await captured(command)
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    if (status !== 0) failed++
    if (status !== 0 || name === 'size') process.stdout.write(`${output.trimEnd()}\n`)
    process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`)
  }
  return failed
}

/** Runs a command in the project's root with its output passed through; resolves to its exit code. */
export function passedThrough([command, ...parameters], env = {}) {
  return new Promise((resolve, reject) => {
    // Logs that are kept are read without a terminal: colours would be noise there.
    const colours = process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined }
    const options = { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...colours, ...env } }
    const child = spawn(command, parameters, options)
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

function captured([command, ...parameters]) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ status: code ?? 1, output }))
  })
}
