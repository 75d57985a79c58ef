/**
 * The score over a million random pairs: making one fact worse never makes it better; and the E-model against the
 * reference points of G.107 (knowledge: G.711 with concealment, random loss).
 */
import { mosOf, rFactor } from '../../src/health/e-model.js'
import { type AudioFacts, audioScore } from '../../src/health/score.js'
import { type VideoFacts, videoScore } from '../../src/health/video-score.js'
import type { Figure } from '../figure.js'

const PAIRS = 1_000_000
const DELAYS_MS = [0, 100, 150, 300, 600, 1_200, 2_000]
/** Loss in percent, and MOS by delay. */
const REFERENCE: readonly (readonly [number, readonly number[]])[] = [
  [0, [4.41, 4.41, 4.41, 3.96, 2.99, 2.46, 2.32]],
  [1, [4.33, 4.33, 4.32, 3.81, 2.8, 2.27, 2.14]],
  [5, [3.92, 3.92, 3.92, 3.24, 2.17, 1.69, 1.58]],
  [10, [3.41, 3.41, 3.4, 2.65, 1.65, 1.27, 1.2]],
  [20, [2.63, 2.63, 2.62, 1.89, 1.14, 1, 1]],
  [60, [1.46, 1.46, 1.46, 1.06, 1, 1, 1]],
]
const AUDIO_FACTS = ['lossRatio', 'concealedRatio', 'delayMs', 'jitterMs', 'bufferMs'] as const
const VIDEO_FACTS = [
  'lossRatio',
  'delayMs',
  'jitterMs',
  'freezeRatio',
  'fps',
  'heightRatio',
  'qpRatio',
] as const
/** Facts of which less is worse. */
const GOODS: ReadonlySet<string> = new Set(['fps', 'heightRatio'])
const MISSING_RATIO = 0.15
const DELAY_MAX_MS = 3_000
const FPS_MAX = 40

/** The rows of suite `health` about scores. */
export function scoreFigures(): Figure[] {
  let state = 0x9e3779b9
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  let violations = 0
  let invalid = 0
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const [better, worse] = pair % 2 === 0 ? audioPair(random) : videoPair(random)
    for (const one of [better, worse]) if (one !== null && !(one >= 0 && one <= 100)) invalid += 1
    if (better !== null && worse !== null && worse > better) violations += 1
  }
  const errors = REFERENCE.flatMap(([percent, row]) =>
    row.map((mos, at) => Math.abs(mosOf(rFactor(DELAYS_MS[at] ?? 0, percent / 100)) - mos)),
  )
  const worst = Number(Math.max(...errors).toFixed(3))
  const row = (name: string, value: number, unit: string, bar: string, holds: boolean, n: number): Figure => ({
    ...{ name, value, unit, bar, holds, n },
  })
  return [
    row('score: violations of monotonicity', violations, '', '<= 0', violations === 0, PAIRS),
    row('score: values that are none', invalid, '', '<= 0', invalid === 0, 2 * PAIRS),
    row('score: largest distance from G.107', worst, 'MOS', '<= 0.1', worst <= 0.1, errors.length),
  ]
}

function audioPair(random: () => number): readonly [number | null, number | null] {
  const facts = drawn(AUDIO_FACTS, random) as unknown as AudioFacts
  return [audioScore(facts)?.score ?? null, audioScore(worsened(facts, AUDIO_FACTS, random))?.score ?? null]
}

function videoPair(random: () => number): readonly [number | null, number | null] {
  const facts = drawn(VIDEO_FACTS, random) as unknown as VideoFacts
  return [videoScore(facts)?.score ?? null, videoScore(worsened(facts, VIDEO_FACTS, random))?.score ?? null]
}

function drawn(names: readonly string[], random: () => number): Record<string, number> {
  const draw = (name: string): number => (random() < MISSING_RATIO ? Number.NaN : random() * scaleOf(name))
  return Object.fromEntries(names.map((name) => [name, draw(name)]))
}

function worsened<Facts extends object>(
  facts: Facts,
  names: readonly (keyof Facts & string)[],
  random: () => number,
): Facts {
  const name = names[Math.floor(random() * names.length)] ?? names[0]
  if (name === undefined) return facts
  const by = random() * scaleOf(name) * (GOODS.has(name) ? -1 : 1)
  return { ...facts, [name]: Number(facts[name]) + by }
}

function scaleOf(name: string): number {
  if (name.endsWith('Ratio')) return 1
  return name === 'fps' ? FPS_MAX : DELAY_MAX_MS
}
