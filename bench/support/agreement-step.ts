/**
 * Suite `agreement`: the time of `step` on one page of a call of 20, in Node. A second page runs beside one of a
 * simulated call and gets every input that one gets, but with registers of its own, cloned once for each write as
 * parsing does: nothing that another page has computed and cached for them helps it.
 */
import { type AgreementState, createAgreement } from '../../src/consensus/agreement.js'
import type { Register } from '../../src/consensus/register.js'
import { type Input, step, type View } from '../../src/consensus/step.js'
import type { Node } from '../../test/simulation/node.js'
import { World } from '../../test/simulation/world.js'
import type { Figure } from '../figure.js'
import { PROVIDERS } from './agreement-calls.js'
import { atMost, quantile } from './statistics.js'

const PEOPLE = 20
const SEEDS = 10
/** Seeds at the start that are not counted: the engine compiles during them. */
const WARM_SEEDS = 3
/** Enough that nearly every step is undisturbed once. */
const PLAYS = 3
const SWITCH_EVERY_MS = 2000
const SWITCHES = 15

/**
 * Rows about `step` in a busy call: joins, a switch every two seconds, heartbeats, a crash. The same seeds are played
 * several times and of each step the fastest counts, because what other processes took in between is not the step's;
 * what every play took as it was is a row without a bar.
 */
export function stepFigures(): readonly Figure[] {
  const plays = Array.from({ length: PLAYS }, playAll)
  const raw = plays.flat()
  const times = (plays[0] ?? []).map((_, index) =>
    Math.min(...plays.map((play) => play[index] ?? Number.POSITIVE_INFINITY)),
  )
  const name = `step at ${PEOPLE} participants, in Node`
  return [
    atMost(`${name}, p50`, quantile(times, 0.5), 'ms', null, times.length),
    atMost(`${name}, p99`, quantile(times, 0.99), 'ms', 0.2, times.length),
    atMost(`${name}, p99 with what the machine did besides`, quantile(raw, 0.99), 'ms', null, raw.length),
  ]
}

function playAll(): number[] {
  const times: number[] = []
  for (let seed = 0; seed < WARM_SEEDS + SEEDS; seed += 1) {
    const world = playOne(seed)
    if (seed >= WARM_SEEDS) times.push(...world.timesMs)
  }
  return times
}

function playOne(seed: number): Watched {
  const world = new Watched(seed)
  for (let person = 0; person < PEOPLE; person += 1) world.join(`p${person}`, PROVIDERS)
  world.watched = world.nodes[seed % PEOPLE] as Node
  for (let round = 0; round < SWITCHES; round += 1) {
    world.run(SWITCH_EVERY_MS)
    const [node] = world.random.shuffle(world.up())
    if (node) world.input(node, { type: 'want', provider: world.random.pick(PROVIDERS) })
    const seat = world.watched.state.register?.head.committee[1]
    const lost = world.up().find((one) => one.state.voter === seat && one !== world.watched)
    if (round === SWITCHES / 3 && lost) world.crash(lost)
  }
  return world
}

/** A world that times one of its pages. */
class Watched extends World {
  readonly timesMs: number[] = []
  watched: Node | null = null
  readonly #copies = new Map<Register, Register>()
  #shadow: AgreementState | null = null

  constructor(seed: number) {
    super({ seed, providers: PROVIDERS })
  }

  override input(node: Node, input: Input): void {
    if (node === this.watched && node.isUp) this.#time(node, input)
    super.input(node, input)
  }

  #time(node: Node, input: Input): void {
    const view = this.#own(this.view(node))
    this.#shadow ??= createAgreement({ ...identityOf(node), view })
    const startedAt = performance.now()
    const { state } = step(this.#shadow, { ...input, view })
    this.timesMs.push(performance.now() - startedAt)
    this.#shadow = state
  }

  #own(view: View): View {
    const registers = [...view.registers].map(([voter, register]) => [voter, this.#copy(register)] as const)
    return { ...view, registers: new Map(registers) }
  }

  #copy(register: Register): Register {
    const copy = this.#copies.get(register) ?? structuredClone(register)
    this.#copies.set(register, copy)
    return copy
  }
}

function identityOf({ state }: Node): Pick<AgreementState, 'voter' | 'participant' | 'joinedAt' | 'caps'> {
  const { voter, participant, joinedAt, caps } = state
  return { voter, participant, joinedAt, caps }
}
