/**
 * A call without chance: the production `step` in pages that talk over links of a fixed delay. What each link loses,
 * who sees what die and when is said by the scenario. Registers are folded by the production fold.
 */

import { createAgreement } from '../../src/consensus/agreement.js'
import { genesisLineage } from '../../src/consensus/lineage.js'
import { makeRecord, type VoterId } from '../../src/consensus/record.js'
import { freshRegister, type Register } from '../../src/consensus/register.js'
import { candidates } from '../../src/consensus/status.js'
import { type Input, step, type View } from '../../src/consensus/step.js'
import { createFold } from '../../src/document/fold.js'
import { Schedule } from '../simulation/schedule.js'
import { type Heard, liveUntil, type Page } from './page.js'
import { recordWords, writeWords } from './words.js'

/** One way of each link unless the scenario says otherwise. */
const DELAY_MS = 50
const HEARTBEAT_MS = 1000
/** A page connects to a provider, or finds that it cannot. */
const CONNECT_MS = 300
/** A page notices that the provider that carries it has died. */
const DETECT_MS = 300
/** A page mints a key. */
const MINT_MS = 5
const WALL_START_MS = 1_700_000_000_000

/** The call. Whatever is worth telling goes to `tell`. */
export class Network extends Schedule {
  readonly pages = new Map<string, Page>()
  readonly dead = new Set<string>()
  /** `page/provider`. */
  readonly unreachable = new Set<string>()
  readonly #cuts = new Set<string>()
  readonly #delays = new Map<string, number>()
  readonly #tell: (line: string) => void

  constructor(tell: (line: string) => void) {
    super()
    this.#tell = (line) => tell(`${String(this.now).padStart(6)}  ${line}`)
  }

  /** People who have been in a call for long. */
  settle(
    people: readonly { readonly name: string; readonly caps: readonly string[] }[],
    provider: string,
  ): void {
    const founder = people[0]?.name ?? ''
    const seats = people.slice(0, 5).map(({ name, caps }) => ({ voter: name, caps }))
    const head = makeRecord({ lineage: genesisLineage(founder), n: 1, provider, seats, parent: 'before' })
    const pages = people.map(({ name, caps }) => this.#newPage(name, name, caps))
    for (const [order, page] of pages.entries()) {
      const identity = { ...page.state, joinedAt: page.state.joinedAt - 1000 * (pages.length - order) }
      const register = { ...freshRegister(identity, head), seq: 1 }
      page.state = { ...identity, phase: 'active', register, lastNow: this.now }
      for (const other of pages) {
        other.fold.accept(register, JSON.stringify(register))
        if (other === page) continue
        page.heard.set(other.name, { voter: other.name, at: this.now, hasLeft: false })
        page.synced.add(other.name)
      }
    }
    for (const page of pages) this.after(HEARTBEAT_MS, () => this.#beat(page))
  }

  /** A page that has just been loaded. */
  open(name: string, participant: string, caps: readonly string[]): void {
    const page = this.#newPage(name, participant, caps)
    this.#beat(page)
    this.input(page, { type: 'view' })
  }

  page(name: string): Page {
    const page = this.pages.get(name)
    if (page === undefined) throw new Error(`no page ${name}`)
    return page
  }

  /** Gives one input to a page, as its shell would. */
  input(page: Page, input: Input): void {
    if (page.status === 'frozen') page.backlog.push(() => this.input(page, input))
    if (page.status !== 'up') return
    const before = page.state.register
    const { state, effects } = step(page.state, { ...input, view: this.view(page) })
    page.state = state
    for (const effect of effects) {
      if (effect.type === 'publish') this.#publish(page, effect.register, before)
      if (effect.type === 'committed') this.#tell(`${page.name} is on ${recordWords(effect.record)}`)
      if (effect.type === 'hop') {
        this.#tell(`${page.name} hops: ${effect.reason}`)
        this.after(MINT_MS, () => this.#hopped(page))
      }
    }
    this.#connect(page)
    this.#watch(page)
    this.#armTimer(page)
  }

  view(page: Page): View {
    const live = new Set<VoterId>([page.state.voter])
    const isLive = (heard: Heard): boolean =>
      !heard.hasLeft && this.now - heard.at < page.state.timings.deadAfterMs
    for (const heard of page.heard.values()) if (isLive(heard)) live.add(heard.voter)
    const provider = page.state.register?.head.provider ?? null
    return {
      now: this.now,
      wallNow: WALL_START_MS + this.now,
      registers: page.fold.registers,
      live,
      isSyncing: [...page.heard].some(([name, heard]) => !page.synced.has(name) && isLive(heard)),
      hasHeardPeer: page.heard.size > 0,
      isProviderDead: provider !== null && page.seenDead.has(provider),
    }
  }

  setCut(from: string, to: string, isCut: boolean): void {
    const key = `${from}>${to}`
    if (isCut) this.#cuts.add(key)
    else if (this.#cuts.delete(key)) {
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.page(one).synced.delete(other)
        this.#sync(this.page(one), this.page(other))
      }
    }
  }

  setDelay(from: string, to: string, delayMs: number): void {
    this.#delays.set(`${from}>${to}`, delayMs)
  }

  leave(page: Page): void {
    if (page.status === 'frozen') page.status = 'up'
    this.input(page, { type: 'leave' })
    this.#announce(page, true)
    page.status = 'left'
  }

  thaw(page: Page): void {
    page.status = 'up'
    for (const [name, heard] of page.heard) page.heard.set(name, { ...heard, at: this.now })
    page.synced.clear()
    this.input(page, { type: 'wake' })
    for (const other of this.pages.values()) this.#sync(page, other)
    for (const run of page.backlog.splice(0)) this.after(DELAY_MS, run)
  }

  /** The provider dies; the named pages notice. */
  kill(provider: string, seenBy: readonly Page[]): void {
    this.dead.add(provider)
    for (const page of seenBy) page.seenDead.add(`!${provider}`)
    for (const page of seenBy) this.#watch(page)
  }

  #newPage(name: string, participant: string, caps: readonly string[]): Page {
    const voter = name
    const fold = createFold()
    const flags = { isSyncing: false, hasHeardPeer: false, isProviderDead: false }
    const wallNow = WALL_START_MS + this.now
    const view = { now: this.now, wallNow, registers: fold.registers, live: new Set([voter]), ...flags }
    const page: Page = {
      name,
      participant,
      state: createAgreement({ voter, participant, joinedAt: wallNow, caps, view }),
      fold,
      heard: new Map(),
      synced: new Set(),
      status: 'up',
      voters: 1,
      backlog: [],
      connecting: new Set(),
      seenDead: new Set(),
      wakeTimer: Number.POSITIVE_INFINITY,
    }
    this.pages.set(name, page)
    return page
  }

  #hopped(page: Page): void {
    if (page.status !== 'up') return
    page.voters++
    this.input(page, { type: 'hopped', voter: `${page.name}-${page.voters}` })
    this.#announce(page, false)
  }

  #publish(page: Page, register: Register, before: Register | null): void {
    this.#tell(`${register.voter} writes ${writeWords(register, before)}`)
    page.fold.accept(register, JSON.stringify(register))
    for (const other of this.pages.values()) this.#send(page, other, () => this.#receive(other, [register]))
  }

  #receive(page: Page, registers: Iterable<Register>): void {
    const before = page.fold.registers
    for (const register of registers) page.fold.accept(register, JSON.stringify(register))
    if (page.fold.registers !== before) this.input(page, { type: 'view' })
  }

  #send(from: Page, to: Page, deliver: () => void): void {
    if (from === to || from.status !== 'up' || this.#cuts.has(`${from.name}>${to.name}`)) return
    const arrive = (): void => {
      if (to.status === 'frozen') to.backlog.push(arrive)
      else if (to.status === 'up') deliver()
    }
    this.after(this.#delays.get(`${from.name}>${to.name}`) ?? DELAY_MS, arrive)
  }

  #sync(from: Page, to: Page): void {
    this.#send(from, to, () => {
      const answer = [...to.fold.registers.values()]
      this.#send(to, from, () => {
        from.synced.add(to.name)
        this.#receive(from, answer)
        this.input(from, { type: 'view' })
      })
    })
  }

  #beat(page: Page): void {
    if (page.status === 'left' || page.status === 'crashed') return
    if (page.status === 'up') {
      this.#announce(page, false)
      this.input(page, { type: 'view' })
    }
    this.after(HEARTBEAT_MS, () => this.#beat(page))
  }

  #announce(from: Page, hasLeft: boolean): void {
    for (const to of this.pages.values()) this.#announceTo(from, to, hasLeft)
  }

  #announceTo(from: Page, to: Page, hasLeft: boolean): void {
    const { voter } = from.state
    this.#send(from, to, () => {
      const known = to.heard.get(from.name)
      if (known?.hasLeft) return
      to.heard.set(from.name, { voter, at: this.now, hasLeft })
      if (known === undefined) this.#announceTo(to, from, false)
      if (!to.synced.has(from.name)) this.#sync(to, from)
      this.input(to, { type: 'view' })
    })
  }

  #connect(page: Page): void {
    for (const provider of candidates(page.state, this.view(page))) {
      if (page.connecting.has(provider) || page.state.warm[provider] !== undefined) continue
      page.connecting.add(provider)
      this.after(CONNECT_MS, () => {
        page.connecting.delete(provider)
        const isFailing = this.dead.has(provider) || this.unreachable.has(`${page.name}/${provider}`)
        this.input(page, { type: 'warm', provider, outcome: isFailing ? 'failed' : 'ready' })
      })
    }
  }

  #watch(page: Page): void {
    const provider = page.state.register?.head.provider ?? null
    if (provider === null || !page.seenDead.delete(`!${provider}`)) return
    this.after(DETECT_MS, () => {
      this.#tell(`${page.name} sees ${provider} dead`)
      page.seenDead.add(provider)
      this.input(page, { type: 'view' })
    })
  }

  #armTimer(page: Page): void {
    const at = Math.max(Math.min(page.state.wakeAt, liveUntil(page, this.now)), this.now + 1)
    if (page.wakeTimer <= at && page.wakeTimer > this.now) return
    page.wakeTimer = at
    this.after(at - this.now, () => {
      if (page.wakeTimer !== at) return
      page.wakeTimer = Number.POSITIVE_INFINITY
      if (page.status === 'up') this.input(page, { type: 'view' })
    })
  }
}
