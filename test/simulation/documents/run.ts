/**
 * Plays a plan: start, faults, heal, settle. Safety is checked after every write by the room; this adds what must
 * come true after the heal, and how large the document has become.
 */
import * as yjs from 'yjs'
import { unsettled } from '../checks.js'
import { createHostility, type Hostility } from './hostile.js'
import { CLEAN, type LinkQuality } from './network.js'
import type { Page } from './page.js'
import { type Fault, HOSTILE_KINDS, type HostileKind, type Plan } from './plan.js'
import { createRoom, PROVIDERS, type Room } from './room.js'
import type { ClockError } from './virtual-time.js'

/** How a run went. */
export interface Outcome {
  /** Empty when nothing is wrong. */
  readonly violations: readonly string[]
  readonly virtualMs: number
  readonly decisions: number
  readonly writes: number
  /** From the heal until everybody was at rest in one record. */
  readonly healMs: number
  /** How often each fault happened, and what the network did. */
  readonly faults: Readonly<Record<string, number>>
  /** Of the largest document at the end. */
  readonly documentBytes: number
  /** Tells two runs apart; equal for equal runs. */
  readonly trace: string
}

/** How a plan is played. */
export interface RunOptions {
  /** WebCrypto instead of keyed hashes. */
  readonly isSignedForReal?: boolean
  /** Rests after each task: must not change anything. */
  readonly isWary?: boolean
}

/** How long a healed room may take until everybody agrees. */
const SETTLE_LIMIT_MS = 60_000
/** And how long it then has to stay as it is. */
const QUIET_MS = 32_000
/** More pages than this tell nothing new and cost time. */
const PAGES_MAX = 12
const KILLED_MAX = 2
/** Between two pages of one person. */
const REFRESH_MS = 600
/** A clean goodbye has time to go out; a page that is closed may not even sign it. */
const LEAVE_GRACE_MS = 100
const CLOSE_GRACE_MS = 3
/** What waited while a page was frozen comes within this time. */
const THAW_SPREAD_MS = 200
/** A page lives on a little after `pagehide`: what was being signed may still end. */
const RELOAD_GRACE_MS = 12
/** How wrong clocks are: up to an hour, and up to half a percent. */
const OFFSET_MS = 3_600_000
const DRIFT = 0.005
/** A register is 0.7 kB, key and signature included; a page writes under several ids and Yjs keeps a little of each. */
const BYTES_PER_VOTER = 1600

/** Plays a plan to its end or to the first violation. */
export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<Outcome> {
  const room = createRoom({ seed: plan.seed, quality: plan.quality, ...options })
  const play = createPlay(room, plan)
  const isBroken = (): boolean => room.violations.length > 0
  plan.joinsAtMs.forEach((atMs, index) => {
    room.time.after(atMs, () => play.join(`p${index}`))
  })
  for (const fault of plan.faults) room.time.after(fault.atMs, () => play.happen(fault))
  await room.time.run(plan.healAtMs, isBroken)
  play.heal()
  const healedAtMs = room.time.now
  let healMs = 0
  if (!isBroken()) {
    const isSettled = (): boolean => isBroken() || unsettled(room).length === 0
    await room.time.run(SETTLE_LIMIT_MS, isSettled)
    healMs = room.time.now - healedAtMs
    await room.time.run(QUIET_MS, isBroken)
    // A late death or a page that is refreshed may have set off one more change.
    if (!isSettled()) await room.time.run(SETTLE_LIMIT_MS, isSettled)
    for (const problem of isBroken() ? [] : unsettled(room)) room.violations.push(`not settled: ${problem}`)
  }
  const documentBytes = checkSize(room, plan)
  const outcome = report(room, { healMs, documentBytes, faults: play.counts })
  room.close()
  return outcome
}

interface Play {
  readonly counts: Map<string, number>
  join(participant: string, caps?: readonly string[]): void
  happen(fault: Fault): void
  heal(): void
}

function createPlay(room: Room, plan: Plan): Play {
  const { time, random, network, dead } = room
  const hostility = createHostility(room)
  const counts = new Map<string, number>()
  const clocks = new Map<string, ClockError>()
  let people = plan.joinsAtMs.length
  const clockErrorOf = (participant: string): ClockError => {
    const known = clocks.get(participant) ?? {
      offsetMs: plan.hasClockErrors ? random.between(-OFFSET_MS, OFFSET_MS) : 0,
      drift: plan.hasClockErrors ? DRIFT * (2 * random.next() - 1) : 0,
    }
    clocks.set(participant, known)
    return known
  }
  const join = (participant: string, caps?: readonly string[]): void => {
    const clockError = clockErrorOf(participant)
    void room.join({ participant, clockError, ...(caps ? { caps } : {}) })
  }
  const comeBack = (page: Page, afterMs: number): void => {
    time.after(afterMs, () => join(page.participant, page.caps))
  }
  const faults = faultsOf(room, {
    hostility,
    quality: plan.quality,
    comeBack,
    joinAnother: () => join(`p${people++}`),
    duplicate: (page) => join(page.participant, page.caps),
  })
  return {
    counts,
    join,
    happen(fault) {
      const page = pageFor(room, fault)
      if (page === undefined) return
      counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1)
      time.touch()
      if (isHostile(fault.kind)) hostility.act(fault.kind, fault.value)
      else faults[fault.kind](page, fault)
    },
    heal() {
      hostility.end()
      network.quality = CLEAN
      room.unreachable.clear()
      for (const provider of [...dead]) if (dead.size > 1) room.revive(provider)
      for (const page of room.up()) page.thaw(THAW_SPREAD_MS)
      room.restoreAll()
      time.touch()
    },
  }
}

type PageFault = Exclude<Fault['kind'], HostileKind>

function faultsOf(
  room: Room,
  doing: {
    readonly hostility: Hostility
    /** Of the network when nothing is wrong with it. */
    readonly quality: LinkQuality
    readonly comeBack: (page: Page, afterMs: number) => void
    readonly joinAnother: () => void
    readonly duplicate: (page: Page) => void
  },
): Record<PageFault, (page: Page, fault: Fault) => void> {
  const { time, network, dead } = room
  const isCrowded = (): boolean => room.up().length >= PAGES_MAX
  const isLonely = (): boolean => room.up().length <= 2
  return {
    want: (page, { value }) => page.freezer.run(() => page.loop.want(pick(page.caps, value))),
    join: () => isCrowded() || doing.joinAnother(),
    duplicate: (page) => isCrowded() || doing.duplicate(page),
    leave: (page) => isLonely() || page.leave(LEAVE_GRACE_MS),
    close: (page) => isLonely() || page.leave(CLOSE_GRACE_MS),
    crash: (page) => isLonely() || page.crash(),
    refresh(page, { value }) {
      if (value < 0.5) page.leave(CLOSE_GRACE_MS)
      else page.crash()
      doing.comeBack(page, REFRESH_MS * value * 2)
    },
    reload(page, { value }) {
      // Somebody who is not content with what he sees presses a button and then another one.
      if (value < 0.5) page.freezer.run(() => page.loop.want(pick(page.caps, value * 2)))
      room.part(page, RELOAD_GRACE_MS)
      doing.comeBack(page, RELOAD_GRACE_MS + REFRESH_MS * value)
    },
    freeze(page, { forMs }) {
      page.freezer.freeze()
      time.after(forMs, () => {
        time.touch()
        page.thaw(THAW_SPREAD_MS)
      })
    },
    cut(page, { value, forMs }) {
      const other = pick(room.up(), value)
      if (other === page) return
      network.cut(page, other)
      time.after(forMs, () => network.restore(page, other))
    },
    split(_page, { value, forMs }) {
      const sides = room.up().map((page) => [page, (page.id * value * 7) % 1 < 0.5] as const)
      const pairs = sides.flatMap(([from, side]) =>
        sides.flatMap(([to, other]) => (side === other ? [] : [[from, to] as const])),
      )
      for (const [from, to] of pairs) network.cut(from, to)
      time.after(forMs, () => room.restore(pairs))
    },
    degrade(_page, { value, forMs }) {
      const { quality } = network
      const worse = { ...quality, loss: value / 2, spreadMs: quality.spreadMs * 4 }
      network.quality = worse
      time.after(forMs, () => {
        // Not after the heal, and not while another one lasts.
        if (network.quality === worse) network.quality = doing.quality
      })
    },
    kill(_page, { value, forMs }) {
      if (dead.size >= KILLED_MAX) return
      const provider = pick(PROVIDERS, value)
      room.kill(provider)
      time.after(forMs * 2, () => {
        time.touch()
        if (dead.has(provider)) room.revive(provider)
      })
    },
    unreachable: (page, { value }) => room.unreachable.add(`${page.id}/${pick(PROVIDERS, value)}`),
    turn: (page) => isLonely() || doing.hostility.turn(page),
  }
}

/** Frozen pages can be closed and refreshed; other faults go to whoever runs. */
function pageFor(room: Room, { page }: Fault): Page | undefined {
  const pages = room.up()
  return pages[page % Math.max(1, pages.length)]
}

function isHostile(kind: Fault['kind']): kind is HostileKind {
  return (HOSTILE_KINDS as readonly string[]).includes(kind)
}

function pick<T>(items: readonly T[], value: number): T {
  return items[Math.floor(value * items.length)] as T
}

function checkSize(room: Room, { profile }: Plan): number {
  const sizes = room.up().map(({ doc }) => {
    // Updates that still wait for a part that was lost are dropped in time (document/relay-link.ts).
    const { pendingStructs, pendingDs } = doc.store
    const waiting = (pendingStructs?.update.length ?? 0) + (pendingDs?.length ?? 0)
    return yjs.encodeStateAsUpdate(doc).length - waiting
  })
  const largest = Math.max(0, ...sizes)
  const voters = room.ledger.latest.size
  // What a hostile page has written stays; it is bounded by what its link lets through.
  if (profile !== 'hostile' && largest > BYTES_PER_VOTER * voters)
    room.violations.push(`the document has ${largest} bytes for ${voters} voters`)
  return largest
}

function report(
  room: Room,
  parts: { readonly healMs: number; readonly documentBytes: number; readonly faults: Map<string, number> },
): Outcome {
  const { sent: _sent, ...network } = room.network.counts
  const head = room.up()[0]?.state.register?.head
  return {
    violations: [...room.violations],
    virtualMs: room.time.now,
    decisions: room.ledger.decided.size,
    writes: room.writes,
    healMs: parts.healMs,
    faults: { ...Object.fromEntries(parts.faults), ...network, liedApart: room.ledger.split.size },
    documentBytes: parts.documentBytes,
    trace: `${room.writes}/${room.network.counts.sent}/${head?.lineage}/${head?.n}/${room.time.now}`,
  }
}
