/** Suite `agreement`: what the proofs take, each run as anybody would run it, in a process of its own. */
import { spawn } from 'node:child_process'
import type { Figure } from '../figure.js'
import { atMost } from './statistics.js'

const SEEDS = 2000
/** Bars of the simulator: each profile counts for itself. */
const SEEDS_PER_PROFILE = 300
const VIRTUAL_SECONDS = 100_000
const MUTANTS = 8

interface SimReport {
  readonly profiles: Readonly<Record<string, number>>
  readonly virtualSeconds: number
  readonly decisions: number
  readonly violations: number
  readonly worstHealMs: number
  readonly seconds: number
}

interface MutantReport {
  readonly mutants: number
  readonly killed: number
  readonly seconds: number
}

/** Rows of the simulator and of the mutation gate. */
export async function proofFigures(progress: (line: string) => void): Promise<readonly Figure[]> {
  const sim = await reportOf<SimReport>(['--seeds', String(SEEDS), '--json'])
  progress('simulated')
  const gate = await reportOf<MutantReport>(['--mutants', '--json'])
  const fewest = Math.min(...Object.values(sim.profiles))
  return [
    atMost(`${SEEDS} seeds of the simulator`, sim.seconds, 's', 120, SEEDS),
    atLeast('virtual time in them', sim.virtualSeconds, 's', VIRTUAL_SECONDS, SEEDS),
    atLeast('seeds of the profile with the fewest', fewest, 'seeds', SEEDS_PER_PROFILE, SEEDS),
    atMost('violations in them', sim.violations, 'violations', 0, SEEDS),
    atMost('worst heal in them, over real documents', sim.worstHealMs, 'ms', null, SEEDS),
    atLeast(`mutants killed of ${gate.mutants}`, gate.killed, 'mutants', MUTANTS, gate.mutants),
    atMost('time to kill them', gate.seconds, 's', 30, gate.mutants),
  ]
}

function atLeast(name: string, value: number, unit: string, bar: number, n: number): Figure {
  return { ...atMost(name, value, unit, null, n), bar: `>= ${bar}`, holds: value >= bar }
}

/** The last line that `npm run sim` prints. It ends with 1 on a violation, and has still said what it found. */
function reportOf<Report>(parameters: readonly string[]): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['scripts/sim.mjs', ...parameters], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', () => {
      try {
        resolve(JSON.parse(output.trim().split('\n').at(-1) ?? '') as Report)
      } catch (error) {
        reject(
          new Error(`sim ${parameters.join(' ')} said no figures: ${output.slice(-500)}`, { cause: error }),
        )
      }
    })
  })
}
