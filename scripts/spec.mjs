/**
 * `npm run spec [-- --json]`: model-checks spec/agreement.pml, the protocol written a second time for spin.
 *
 * Sound configurations are searched to the end and must have no error; each broken variant must have one, and the
 * shortest way to it is shown. Exit code 0 only if all of that came true. A search that was cut off, by depth or
 * by memory, is a failure. Node built-ins only; everything happens in a temporary folder.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MODEL = fileURLToPath(new URL('../spec/agreement.pml', import.meta.url))

/** Far above the longest run of the model, some 400 steps; reaching it is reported as a failure. */
const DEPTH_MAX = 10_000
/** The largest configuration takes about 1 GB; beyond this the machine and not the model is tested. */
const MEMORY_MAX_MB = 3900
/** Slots of the hash table, as a power of two: as many as the largest configuration has states. */
const HASH_BITS = 24
/** A search takes at most a minute on a quiet machine. */
const TIMEOUT_MS = 900_000
const MS_PER_SECOND = 1000

const SOUND = [
  { name: '3 members, 1 epoch, rounds 0..3', flags: { MEMBERS: 3, EPOCHS: 1, ROUNDS: 3, VALUES: 3 } },
  {
    name: '3 members, 2 epochs, rounds 0..1, switch against replacement, eviction, new senior',
    flags: { MEMBERS: 3, EPOCHS: 2, ROUNDS: 1, VALUES: 4, LAST_VALUES: 3 },
  },
  { name: '4 members, 1 epoch, rounds 0..2', flags: { MEMBERS: 4, EPOCHS: 1, ROUNDS: 2, VALUES: 3 } },
  { name: '5 members, 1 epoch, rounds 0..2', flags: { MEMBERS: 5, EPOCHS: 1, ROUNDS: 2, VALUES: 2 } },
]

const BROKEN = [
  { name: 'broken: fast quorum is a majority', flags: { MUTANT_FAST_MAJORITY: '' } },
  { name: 'broken: the pick ignores votes of ballot 0', flags: { MUTANT_PICK_IGNORES_FAST: '' } },
  { name: 'broken: same id after losing its memory', flags: { MUTANT_SAME_ID: '' } },
  { name: 'broken: eviction without a decision', flags: { MUTANT_LEASE: '', EPOCHS: 2, ROUNDS: 1 } },
]

const isJson = process.argv.includes('--json')
const APT = 'apt-get'
const COMPILERS = ['gcc', 'cc', 'clang']
if (absentPackages().length > 0) install(absentPackages())
const compiler = COMPILERS.find(answers)
if (absentPackages().length > 0) {
  const names = absentPackages().join(' ')
  process.stderr.write(`missing: ${names}; on Debian: apt-get install ${names}; else https://spinroot.com\n`)
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-spec-'))
const configurations = []
try {
  for (const configuration of SOUND) report(search(configuration, false))
  for (const configuration of BROKEN) report(search(configuration, true))
} catch (error) {
  process.stderr.write(`${error.message}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const isProven =
  configurations.length === SOUND.length + BROKEN.length && configurations.every(({ holds }) => holds)
const seconds = round(configurations.reduce((sum, configuration) => sum + configuration.seconds, 0))
if (isJson) process.stdout.write(`${JSON.stringify({ configurations, seconds, holds: isProven })}\n`)
else process.stdout.write(`${isProven ? 'all as expected' : 'NOT PROVEN'} (${seconds} s)\n`)
process.exitCode = isProven ? 0 : 1

/** Generates, compiles and runs one verifier. Broken variants are searched breadth first, for the shortest error. */
function search({ name, flags }, isBroken) {
  const startedMs = performance.now()
  // Breadth-first search does not know the `hidden` that keeps scratch variables out of the states.
  const defines = Object.entries({ ...flags, ...(isBroken ? { SCRATCH: '' } : {}) }).map(
    ([key, value]) => `-D${key}=${value}`,
  )
  run('spin', ['-a', ...defines, MODEL])
  const order = isBroken ? ['-DBFS'] : []
  // NOREDUCE: all variables are shared, so that partial order reduction has nothing to reduce.
  const limits = ['-DSAFETY', '-DNOREDUCE', `-DMEMLIM=${MEMORY_MAX_MB}`]
  run(compiler, ['-O2', '-w', ...limits, ...order, '-o', 'pan', 'pan.c'])
  const output = run(join(folder, 'pan'), [`-m${DEPTH_MAX}`, `-w${HASH_BITS}`])
  const errors = figure(output, /errors: (\d+)/)
  // spin also calls a search uncompleted that ended with the error it found.
  const isCut = /max search depth too small|MEMLIM|out of memory/.test(output)
  const isComplete = !isCut && !output.includes('Search not completed')
  const counterexample = errors > 0 ? trail(defines) : []
  return {
    name,
    // Breadth-first search also counts the inside of atomic steps, and says how many states are left without.
    states: figure(output, isBroken ? /(\d[\d.e+]*) nominal states/ : /(\d[\d.e+]*) states, stored/),
    depth: figure(output, /depth reached (\d+)/),
    errors,
    isComplete,
    seconds: round((performance.now() - startedMs) / MS_PER_SECOND),
    holds: isBroken ? errors > 0 && !isCut : errors === 0 && isComplete,
    ...(errors > 0 ? { counterexample } : {}),
  }
}

function report(result) {
  configurations.push(result)
  if (isJson) return
  const { name, states, depth, errors, isComplete, seconds: took, holds, counterexample = [] } = result
  const verdict = holds ? 'ok    ' : 'FAILED'
  const search = isComplete || errors > 0 ? '' : ', search cut off'
  const found = `${states} states, depth ${depth}, ${errors} errors${search}, ${took} s`
  process.stdout.write(`${verdict} ${name}: ${found}\n`)
  for (const line of counterexample) process.stdout.write(`         ${line}\n`)
}

/** What the voters wrote on the way to the error. */
function trail(defines) {
  const output = run('spin', ['-t', '-T', ...defines, '-k', 'agreement.pml.trail', MODEL])
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('voter '))
}

function run(command, parameters) {
  const result = spawnSync(command, parameters, { cwd: folder, encoding: 'utf8', timeout: TIMEOUT_MS })
  if (result.error) throw new Error(`${command}: ${result.error.message}`)
  const output = `${result.stdout}${result.stderr}`
  if (result.status !== 0 && command !== join(folder, 'pan'))
    throw new Error(`${command} ended with ${result.status}: ${output.trim().slice(0, 500)}`)
  return output
}

function figure(output, pattern) {
  const found = pattern.exec(output)
  if (found === null) throw new Error(`the verifier ended without a result: ${output.trim().slice(-500)}`)
  return Number(found[1])
}

function absentPackages() {
  return [...(answers('spin') ? [] : ['spin']), ...(COMPILERS.some(answers) ? [] : ['gcc', 'libc6-dev'])]
}

/** As root on Debian what is missing is fetched, like everything that scripts/setup.mjs prepares. */
function install(names) {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return
  process.stderr.write(`spec: apt-get install ${names.join(' ')} ...\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...parameters) => spawnSync(APT, ['-qq', ...parameters], { stdio: 'ignore', env })
  apt('update')
  apt('-y', '--no-install-recommends', 'install', ...names)
}

function answers(command) {
  return spawnSync(command, [command === 'spin' ? '-V' : '--version'], { stdio: 'ignore' }).status === 0
}

function round(value) {
  return Math.round(value * 10) / 10
}
