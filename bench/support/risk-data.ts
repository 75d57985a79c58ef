/**
 * What the risk model is fitted from and measured on: recorded capacities of cellular links while driving
 * (`../shared/data/mobile-traces`, where they are at hand) and simulated links of six kinds, all through the link of
 * `risk-link.ts`. Split by session: no session is in both halves.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NO_RISK_MEMORY, riskFeatures } from '../../src/health/risk-features.js'
import { type Link, observe } from './risk-link.js'

/** One second as the model sees it. */
export interface RiskCase {
  readonly session: string
  readonly set: string
  readonly features: readonly number[]
  /** An outage begins within five seconds. */
  readonly isBefore: boolean
  readonly atMs: number
  readonly untilOutageMs: number
  readonly isHeldOut: boolean
}

/** The horizon of the model. */
export const HORIZON_MS = 5_000
/** Two of five sessions are kept out of the fit. */
const HELD_OUT_OF_FIVE = 2
const SIMULATED_SESSIONS = 150
const SESSION_MS = 120_000

const RECORDED = [
  ['Verizon-EVDO-driving', 1_062_000],
  ['ATT-LTE-driving-2016', 120_000],
] as const

/** All cases; the recorded ones only where their files are. */
export function riskCases(folder: string): readonly RiskCase[] {
  return [...recordedLinks(folder), ...simulatedLinks()].flatMap(({ set, link }) => casesOf(set, link))
}

/** Names of what is at hand, for the head of the coefficients. */
export function dataNames(folder: string): readonly string[] {
  const recorded = RECORDED.filter(([name]) => existsSync(join(folder, `${name}.down`))).map(([name]) => name)
  return [...recorded, `${SIMULATED_SESSIONS} simulated sessions of ${SESSION_MS / 1_000} s`]
}

function casesOf(set: string, link: Link): RiskCase[] {
  let memory = NO_RISK_MEMORY
  return observe(link).flatMap(({ session, observation, isInOutage, untilOutageMs }, index) => {
    const step = riskFeatures(memory, observation)
    memory = step.memory
    // What is out is out: nobody has to foretell it. The first seconds have no usual yet.
    if (isInOutage || index < 5) return []
    const isBefore = untilOutageMs <= HORIZON_MS
    const isHeldOut = hashOf(session) % 5 < HELD_OUT_OF_FIVE
    return [
      { session, set, features: step.features, isBefore, atMs: observation.atMs, untilOutageMs, isHeldOut },
    ]
  })
}

function recordedLinks(folder: string): { set: string; link: Link }[] {
  return RECORDED.flatMap(([name, durationMs]) => {
    if (!existsSync(join(folder, `${name}.down`))) return []
    const [down, up] = ['down', 'up'].map((way) =>
      readFileSync(join(folder, `${name}.${way}`), 'utf8')
        .trim()
        .split('\n')
        .map(Number),
    ) as [number[], number[]]
    const base = { durationMs, delayMs: 20, lossAt: () => 0 }
    return [
      { set: 'recorded', link: { ...base, name: `${name} down`, down, up, random: randomOf(1) } },
      { set: 'recorded', link: { ...base, name: `${name} up`, down: up, up: down, random: randomOf(2) } },
    ]
  })
}

type Shape = (random: () => number) => {
  readonly capacityAt: (ms: number) => number
  readonly lossAt: (ms: number) => number
}

/** Kinds of simulated sessions with how many of twenty are of it. */
const SHAPES: readonly (readonly [name: string, share: number, shape: Shape])[] = [
  [
    'calm',
    8,
    (random) => ({ capacityAt: wander(random, 3_000 + 12_000 * random(), 0.1), lossAt: () => 0.002 }),
  ],
  ['noisy', 3, (random) => ({ capacityAt: wander(random, 1_500 + 2_000 * random(), 0.5), lossAt: () => 0.02 })],
  ['fade', 4, fading],
  ['bloat', 2, bloated],
  ['burst', 2, bursting],
  ['sudden', 1, sudden],
]

function simulatedLinks(): { set: string; link: Link }[] {
  const deck = SHAPES.flatMap(([name, share, shape]) => Array.from({ length: share }, () => ({ name, shape })))
  return Array.from({ length: SIMULATED_SESSIONS }, (_, index) => {
    const { name, shape } = deck[index % deck.length] as (typeof deck)[number]
    const random = randomOf(1_000 + index)
    const { capacityAt, lossAt } = shape(random)
    const delayMs = 5 + Math.round(40 * random())
    const link: Link = {
      name: `${name} ${index}`,
      down: chances(capacityAt),
      up: chances(() => 2_000),
      durationMs: SESSION_MS,
      delayMs,
      lossAt,
      random,
    }
    return { set: 'simulated', link }
  })
}

/** Capacity in kbit/s to times at which a packet can cross. */
function chances(capacityAt: (ms: number) => number): number[] {
  const times: number[] = []
  let credit = 0
  for (let ms = 0; ms < SESSION_MS; ms += 1) {
    credit += capacityAt(ms) / 12_000
    for (; credit >= 1; credit -= 1) times.push(ms)
  }
  return times
}

/** A capacity that wanders around a mean, anew every 200 ms. */
function wander(random: () => number, meanKbps: number, spreadRatio: number): (ms: number) => number {
  const steps: number[] = []
  let drift = 0
  for (let at = 0; at <= SESSION_MS / 200; at += 1) {
    drift = drift * 0.9 + (random() - 0.5) * 2 * spreadRatio
    steps.push(meanKbps * Math.max(0.05, 1 + drift))
  }
  return (ms) => steps[Math.floor(ms / 200)] ?? meanKbps
}

/** Events through a session: what comes before (0 to 1), and whether the link is out. */
function events(
  random: () => number,
  warnMs: readonly [number, number],
  outMs: readonly [number, number],
  odds = 1,
) {
  const list: { fromMs: number; outAtMs: number; endMs: number }[] = []
  for (let ms = 12_000 + 15_000 * random(); ms < SESSION_MS; ) {
    const outAtMs = ms + warnMs[0] + (warnMs[1] - warnMs[0]) * random()
    const endMs = outAtMs + (random() < odds ? outMs[0] + (outMs[1] - outMs[0]) * random() : 0)
    list.push({ fromMs: ms, outAtMs, endMs })
    ms = endMs + 15_000 + 25_000 * random()
  }
  return (ms: number): { warn: number; isOut: boolean } => {
    const now = list.find(({ fromMs, endMs }) => fromMs <= ms && ms < endMs)
    if (!now) return { warn: 0, isOut: false }
    return { warn: Math.min(1, (ms - now.fromMs) / (now.outAtMs - now.fromMs)), isOut: ms >= now.outAtMs }
  }
}

/** Walking out of a network: less and less, then nothing. */
function fading(random: () => number): ReturnType<Shape> {
  const base = wander(random, 4_000, 0.25)
  const at = events(random, [5_000, 14_000], [1_500, 8_000])
  return {
    capacityAt: (ms) => (at(ms).isOut ? 0 : base(ms) * 10 ** (-1.8 * at(ms).warn)),
    lossAt: (ms) => 0.003 + 0.12 * at(ms).warn ** 2,
  }
}

/** Somebody else fills the queue; one of two times the link gives way. */
function bloated(random: () => number): ReturnType<Shape> {
  const base = wander(random, 2_500, 0.2)
  const at = events(random, [8_000, 15_000], [1_200, 3_000], 0.5)
  return { capacityAt: (ms) => (at(ms).isOut ? 0 : base(ms) * (1 - 0.88 * at(ms).warn)), lossAt: () => 0.003 }
}

/** Loss in bursts that become longer. */
function bursting(random: () => number): ReturnType<Shape> {
  const at = events(random, [6_000, 12_000], [2_000, 6_000])
  let isBad = false
  return {
    capacityAt: (ms) => (at(ms).isOut ? 0 : 4_000),
    lossAt(ms) {
      const { warn } = at(ms)
      isBad = isBad ? random() > 0.08 : random() < 0.002 + 0.03 * warn
      return isBad ? 0.15 + 0.5 * warn : 0.003
    },
  }
}

/** No warning at all. */
function sudden(random: () => number): ReturnType<Shape> {
  const base = wander(random, 5_000, 0.15)
  const at = events(random, [5_000, 9_000], [1_500, 6_000])
  return { capacityAt: (ms) => (at(ms).isOut ? 0 : base(ms)), lossAt: () => 0.003 }
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 0) % 9_973
}
