/**
 * What happens in one run, as plain data: who is there and a list of faults with their moments. The same seed and
 * profile give the same plan; a failing plan is shrunk by leaving faults out.
 */
import { type Random, seededRandom } from '../random.js'
import { CLEAN, type LinkQuality, ROUGH } from './network.js'

/** Mixes of faults. */
export const PROFILES = ['calm', 'partition', 'churn', 'contend', 'hostile', 'storm'] as const
export type Profile = (typeof PROFILES)[number]

/** What a hostile page does to the document. */
export const HOSTILE_KINDS = [
  'overwrite',
  'delete',
  'replay',
  'forge',
  'inflate',
  'overtake',
  'equivocate',
  'flood',
  'oversize',
  'malform',
  'garble',
] as const
export type HostileKind = (typeof HOSTILE_KINDS)[number]

export type FaultKind =
  | HostileKind
  | 'want'
  | 'join'
  | 'duplicate'
  | 'leave'
  | 'close'
  | 'crash'
  | 'refresh'
  | 'reload'
  | 'freeze'
  | 'cut'
  | 'split'
  | 'degrade'
  | 'kill'
  | 'unreachable'
  | 'turn'

/** One fault. `page` and `value` pick from what is there at that moment, so a list stays meaningful when shrunk. */
export interface Fault {
  readonly atMs: number
  readonly kind: FaultKind
  readonly page: number
  /** In [0, 1). */
  readonly value: number
  /** For faults that pass. */
  readonly forMs: number
}

/** A whole run. */
export interface Plan {
  readonly profile: Profile
  readonly seed: number
  readonly quality: LinkQuality
  /** When the pages of the first people open. */
  readonly joinsAtMs: readonly number[]
  readonly faults: readonly Fault[]
  /** Everything heals. */
  readonly healAtMs: number
  readonly hasClockErrors: boolean
}

interface ProfileShape {
  readonly quality: LinkQuality
  readonly joinWithinMs: number
  readonly faults: readonly [number, number]
  /** Between two faults. */
  readonly pauseMs: readonly [number, number]
  readonly mix: readonly FaultKind[]
}

const SHAPES: Record<Profile, ProfileShape> = {
  calm: {
    quality: CLEAN,
    joinWithinMs: 50,
    faults: [2, 5],
    pauseMs: [3000, 9000],
    mix: ['want', 'want', 'join', 'kill', 'leave', 'refresh', 'reload'],
  },
  partition: {
    quality: ROUGH,
    joinWithinMs: 2000,
    faults: [3, 8],
    pauseMs: [50, 5000],
    mix: ['split', 'split', 'split', 'cut', 'want', 'want', 'kill', 'freeze', 'freeze', 'degrade'],
  },
  churn: {
    quality: ROUGH,
    joinWithinMs: 4000,
    faults: [4, 8],
    pauseMs: [50, 4000],
    mix: [
      ...(['join', 'join', 'leave', 'close', 'crash', 'refresh', 'refresh', 'reload', 'reload'] as const),
      ...(['reload', 'duplicate', 'want', 'kill', 'unreachable', 'split'] as const),
    ],
  },
  contend: {
    quality: { ...ROUGH, minDelayMs: 20, spreadMs: 120 },
    joinWithinMs: 500,
    faults: [8, 14],
    pauseMs: [50, 1250],
    mix: ['cut', 'cut', 'cut', 'want', 'want', 'want', 'want', 'freeze', 'join', 'leave', 'kill', 'reload'],
  },
  hostile: {
    quality: { ...ROUGH, loss: 0.03 },
    joinWithinMs: 2000,
    faults: [8, 14],
    pauseMs: [50, 2500],
    mix: [...HOSTILE_KINDS, 'turn', 'want', 'want', 'split', 'join', 'reload', 'freeze'],
  },
  storm: {
    quality: { minDelayMs: 5, spreadMs: 80, maxDelayMs: 6000, loss: 0.2, duplication: 0.1 },
    joinWithinMs: 4000,
    faults: [4, 9],
    pauseMs: [50, 3500],
    mix: [
      ...(['join', 'leave', 'crash', 'refresh', 'reload', 'freeze', 'cut', 'split', 'want'] as const),
      ...(['want', 'kill', 'unreachable', 'degrade', 'duplicate'] as const),
    ],
  },
}

/** Most calls are small; a few are bigger than a committee. */
const SIZES = [
  ...[2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3],
  ...[4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 6, 7, 8, 12],
]
/** A hostile page needs company to betray. */
const TURN_AT_MS = [2500, 6000] as const
/** Passing faults last so long; the long ones outlive T_dead and T_fork. */
const LASTING_MS = [200, 1500, 4000, 9000, 14_000]
const CLOCK_ERRORS = 0.3
/** Time for what the last fault set off, before the heal. */
const AFTERMATH_MS = [100, 6000] as const

/** The plan of one seed. */
export function makePlan(profile: Profile, seed: number): Plan {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ PROFILES.indexOf(profile))
  const shape = SHAPES[profile]
  const size = random.pick(SIZES)
  const joinsAtMs = Array.from({ length: size }, () => random.between(0, shape.joinWithinMs))
  let atMs = random.between(1000, 5000)
  const faults: Fault[] = []
  if (profile === 'hostile') faults.push({ ...draw(random, 'turn'), atMs: random.between(...TURN_AT_MS) })
  const count = random.between(...shape.faults)
  for (let index = 0; index < count; index++) {
    faults.push({ ...draw(random, random.pick(shape.mix)), atMs })
    atMs += random.between(...shape.pauseMs)
  }
  return {
    ...{ profile, seed, joinsAtMs, quality: shape.quality },
    faults: faults.sort((one, other) => one.atMs - other.atMs),
    healAtMs: atMs + random.between(...AFTERMATH_MS),
    hasClockErrors: random.chance(CLOCK_ERRORS),
  }
}

/** One line of a printed plan. */
export function faultLine({ atMs, kind, page, value, forMs }: Fault): string {
  return `${atMs} ms: ${kind} page ${page} value ${value.toFixed(3)} for ${forMs} ms`
}

function draw(random: Random, kind: FaultKind): Omit<Fault, 'atMs'> {
  const forMs = Math.round(random.pick(LASTING_MS) * (0.5 + random.next()))
  return { kind, page: random.between(0, 11), value: random.next(), forMs }
}
