/**
 * A virtual call: participants that drive the production `step`, a network that delays, loses, duplicates,
 * reorders and cuts, and media providers that live and die. One virtual clock; everything else follows from the
 * seed. Registers travel as versions and are folded by highest seq, as `document/` does.
 */
import { recordText, type VoterId } from '../../src/consensus/record.js'
import type { Register } from '../../src/consensus/register.js'
import { candidates } from '../../src/consensus/status.js'
import { type Input, step, type View } from '../../src/consensus/step.js'
import { checkWrite, type Ledger, newLedger } from './checks.js'
import { CLEAN, type LinkFaults, type WorldOptions } from './faults.js'
import { type Node, newNode } from './node.js'
import { type Random, seededRandom } from './random.js'
import { Schedule } from './schedule.js'

const HEARTBEAT_MS = 1000
const RESYNC_MS = 2500
const DETECT_MS = [200, 900] as const
const WALL_START = 1_700_000_000_000

export class World extends Schedule {
  readonly random: Random
  readonly nodes: Node[] = []
  readonly ledger: Ledger = newLedger()
  readonly dead = new Set<string>()
  /** Providers that a page cannot reach, as `id/provider`. */
  readonly unreachable = new Set<string>()
  faults: LinkFaults
  publishes = 0
  lastPublishAt = 0
  readonly #cuts = new Set<string>()
  readonly #warmMs: readonly [number, number]
  readonly #providers: readonly string[]
  #voters = 0

  constructor(options: WorldOptions) {
    super()
    this.random = seededRandom(options.seed)
    this.faults = options.faults ?? CLEAN
    this.#providers = options.providers ?? ['east', 'mesh', 'west']
    this.#warmMs = options.warmMs ?? [50, 600]
  }

  /** A page opens. `caps` defaults to all providers in a random order. */
  join(participant: string, caps: readonly string[] = this.random.shuffle(this.#providers)): Node {
    const voter = this.#mint()
    const { now } = this
    const node = newNode({ id: this.nodes.length, participant, voter, caps, now, wallNow: WALL_START + now })
    this.nodes.push(node)
    this.#beat(node)
    this.after(this.random.between(0, RESYNC_MS), () => this.#resync(node))
    this.input(node, { type: 'view' })
    return node
  }

  /** Gives one input to a page, as its shell would. */
  input(node: Node, input: Input): void {
    if (!node.isUp) return
    if (node.isFrozen) {
      node.backlog.push(() => this.input(node, input))
      return
    }
    const before = node.state
    const { state, effects } = step(node.state, { ...input, view: this.view(node) })
    node.state = state
    const published = effects.filter((effect) => effect.type === 'publish')
    if (published.length > 1) throw new Error('more than one register in one turn')
    for (const effect of effects) {
      if (effect.type === 'publish') this.#publish(node, effect.register)
      if (effect.type === 'committed') {
        node.commits.push({ at: this.now, text: recordText(effect.record) })
        if (effect.record.provider !== null && !this.dead.has(effect.record.provider)) node.deadSeen.clear()
      }
    }
    checkWrite(this.ledger, before, state, effects)
    const hop = effects.some((effect) => effect.type === 'hop')
    if (hop) this.after(this.random.between(1, 10), () => this.#answerHop(node))
    this.#warmUp(node)
    this.#watchProvider(node)
    this.#armTimer(node)
  }

  view(node: Node): View {
    const live = new Set<VoterId>([node.state.voter])
    for (const heard of node.heard.values())
      if (!heard.hasLeft && this.now - heard.at < node.state.timings.deadAfterMs) live.add(heard.voter)
    const provider = node.state.register?.head.provider ?? null
    return {
      now: this.now,
      wallNow: WALL_START + this.now,
      registers: node.registers,
      live,
      isSyncing: [...node.heard.entries()].some(
        ([id, heard]) =>
          !node.synced.has(id) && !heard.hasLeft && this.now - heard.at < node.state.timings.deadAfterMs,
      ),
      hasHeardPeer: node.heard.size > 0,
      isProviderDead: provider !== null && node.deadSeen.has(provider),
    }
  }

  /** Cuts or restores one direction between two pages. */
  setCut(from: Node, to: Node, isCut: boolean): void {
    const key = `${from.id}>${to.id}`
    const wasCut = this.#cuts.delete(key)
    if (isCut) this.#cuts.add(key)
    else if (wasCut) {
      from.synced.delete(to.id)
      to.synced.delete(from.id)
      this.#hello(to, from)
      this.#hello(from, to)
    }
  }

  crash(node: Node): void {
    node.isUp = false
  }

  /** `pagehide`: one last input, whose messages still go out. */
  leave(node: Node): void {
    if (!node.isUp) return
    node.isFrozen = false
    this.input(node, { type: 'leave' })
    this.#sendPresence(node, true)
    node.isUp = false
  }

  freeze(node: Node): void {
    node.isFrozen = true
  }

  thaw(node: Node): void {
    if (!node.isFrozen || !node.isUp) return
    node.isFrozen = false
    for (const heard of node.heard.values()) heard.at = this.now
    node.synced.clear()
    this.input(node, { type: 'wake' })
    for (const other of this.nodes) if (other !== node) this.#hello(node, other)
    const backlog = node.backlog
    node.backlog = []
    for (const run of backlog) this.after(this.random.between(0, 200), run)
  }

  killProvider(provider: string): void {
    this.dead.add(provider)
    for (const node of this.nodes) this.#watchProvider(node)
  }

  reviveProvider(provider: string): void {
    this.dead.delete(provider)
    for (const node of this.nodes) {
      node.deadSeen.delete(provider)
      node.warming.delete(provider)
      this.input(node, { type: 'warm', provider, outcome: 'unknown' })
    }
  }

  up(): Node[] {
    return this.nodes.filter((node) => node.isUp)
  }

  #mint(): VoterId {
    // Spread over the id space, so that order of joining and order of ids have nothing to do with each other.
    const salt = Math.floor(this.random.next() * 0xffffff)
    return `${salt.toString(16).padStart(6, '0')}v${this.#voters++}`
  }

  #answerHop(node: Node): void {
    if (!node.isUp) return
    this.input(node, { type: 'hopped', voter: this.#mint() })
    this.#sendPresence(node, false)
  }

  #publish(node: Node, register: Register): void {
    this.publishes++
    this.lastPublishAt = this.now
    node.registers = new Map(node.registers).set(register.voter, register)
    for (const other of this.nodes)
      if (other !== node) this.#send(node, other, () => this.#receive(other, [register]))
  }

  #receive(node: Node, registers: Iterable<Register>): void {
    let folded: Map<VoterId, Register> | null = null
    for (const register of registers) {
      const known = (folded ?? node.registers).get(register.voter)
      if (known && known.seq >= register.seq) continue
      folded ??= new Map(node.registers)
      folded.set(register.voter, register)
    }
    if (folded === null) return
    node.registers = folded
    this.input(node, { type: 'view' })
  }

  #send(from: Node, to: Node, deliver: () => void): void {
    if (!from.isUp || !to.isUp || this.#cuts.has(`${from.id}>${to.id}`)) return
    const { loss, duplication, minDelayMs, maxDelayMs } = this.faults
    const copies = this.random.chance(loss) ? 0 : this.random.chance(duplication) ? 2 : 1
    for (let copy = 0; copy < copies; copy++)
      this.after(this.random.between(minDelayMs, maxDelayMs), () => this.#deliver(to, deliver))
  }

  #deliver(to: Node, deliver: () => void): void {
    if (!to.isUp) return
    if (to.isFrozen) to.backlog.push(() => this.#deliver(to, deliver))
    else deliver()
  }

  #hello(from: Node, to: Node): void {
    this.#send(from, to, () => {
      const answer = [...to.registers.values()]
      this.#send(to, from, () => {
        from.synced.add(to.id)
        this.#receive(from, answer)
        this.input(from, { type: 'view' })
      })
    })
  }

  #resync(node: Node): void {
    if (!node.isUp) return
    const others = this.up().filter((other) => other !== node)
    if (!node.isFrozen && others.length > 0) this.#hello(node, this.random.pick(others))
    this.after(RESYNC_MS, () => this.#resync(node))
  }

  #beat(node: Node): void {
    if (!node.isUp) return
    if (!node.isFrozen) {
      node.beat++
      this.#sendPresence(node, false)
      this.input(node, { type: 'view' })
    }
    this.after(HEARTBEAT_MS, () => this.#beat(node))
  }

  #sendPresence(node: Node, hasLeft: boolean): void {
    for (const other of this.nodes) if (other !== node) this.#announce(node, other, hasLeft)
  }

  #announce(from: Node, to: Node, hasLeft: boolean): void {
    const { voter } = from.state
    const beat = from.beat + (hasLeft ? 1 : 0)
    this.#send(from, to, () => {
      const heard = to.heard.get(from.id)
      if (heard && (heard.beat > beat || heard.hasLeft)) return
      const isNews = heard === undefined || heard.beat < beat || heard.voter !== voter
      to.heard.set(from.id, { voter, beat, at: isNews ? this.now : heard.at, hasLeft })
      if (heard === undefined) this.#announce(to, from, false)
      if (heard === undefined || !to.synced.has(from.id)) this.#hello(to, from)
      this.input(to, { type: 'view' })
    })
  }

  #warmUp(node: Node): void {
    for (const provider of candidates(node.state, this.view(node))) {
      if (node.warming.has(provider) || node.state.warm[provider] !== undefined) continue
      node.warming.add(provider)
      const [low, high] = this.#warmMs
      this.after(this.random.between(low, high), () => {
        node.warming.delete(provider)
        const isFailing = this.dead.has(provider) || this.unreachable.has(`${node.id}/${provider}`)
        this.input(node, { type: 'warm', provider, outcome: isFailing ? 'failed' : 'ready' })
      })
    }
  }

  #watchProvider(node: Node): void {
    for (const provider of this.dead) {
      if (node.deadSeen.has(provider)) continue
      const isCurrent = node.state.register?.head.provider === provider
      const isReady = node.state.warm[provider] === 'ready'
      const key = `!${provider}`
      if ((!isCurrent && !isReady) || node.warming.has(key)) continue
      node.warming.add(key)
      this.after(this.random.between(...DETECT_MS), () => {
        node.warming.delete(key)
        if (!this.dead.has(provider)) return
        if (node.state.register?.head.provider === provider) node.deadSeen.add(provider)
        if (node.state.warm[provider] === 'ready')
          this.input(node, { type: 'warm', provider, outcome: 'failed' })
        else this.input(node, { type: 'view' })
      })
    }
  }

  #armTimer(node: Node): void {
    const at = Math.max(node.state.wakeAt, this.now + 1)
    if (node.wakeTimer <= at && node.wakeTimer > this.now) return
    node.wakeTimer = at
    this.after(at - this.now, () => {
      if (node.wakeTimer !== at) return
      node.wakeTimer = Number.POSITIVE_INFINITY
      if (!node.isFrozen) this.input(node, { type: 'view' })
    })
  }
}
