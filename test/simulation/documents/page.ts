/** One page of a simulated room: its document, the production loop that drives `step`, heartbeats and media. */
import { type AgreementLoop, startAgreementLoop } from '../../../src/call/agreement-loop.js'
import type { AgreementState } from '../../../src/consensus/agreement.js'
import type { CommittedRecord } from '../../../src/consensus/record.js'
import type { Register } from '../../../src/consensus/register.js'
import type { Identity } from '../../../src/document/identity.js'
import type { Random } from '../random.js'
import { createBarrier } from './barrier.js'
import { createFreezer, type Freezer } from './freezer.js'
import { createHeartbeats, type Heartbeats } from './heartbeats.js'
import { createMedia, type Media } from './media.js'
import { every, openPageDocument, type PageDocument } from './page-document.js'
import type { Signatures } from './signatures.js'
import { type ClockError, clockOf, type VirtualTime } from './virtual-time.js'

/** Who opens a page, and on which machine. */
export interface PageStart {
  readonly id: number
  readonly participant: string
  /** Provider ids, the favourite first. */
  readonly caps: readonly string[]
  readonly clockError: ClockError
  readonly identity: Identity
  /** What the page before had written, when this one continues it. */
  readonly kept: Register | null
}

/** What a page needs of its room. */
export interface PageRoom {
  readonly time: VirtualTime
  readonly random: Random
  readonly signatures: Signatures
  readonly dead: ReadonlySet<string>
  isReachable(page: number, provider: string): boolean
  /** To one page, or to all others. */
  send(from: number, to: number | null, deliver: (other: Page) => void): void
  onWritten(page: Page, register: Register): void
  onCommitted(record: CommittedRecord): void
  onError(error: unknown): void
}

/** One page. */
export interface Page extends PageDocument {
  readonly id: number
  readonly participant: string
  readonly caps: readonly string[]
  readonly clockError: ClockError
  readonly freezer: Freezer
  readonly heartbeats: Heartbeats
  readonly media: Media
  readonly loop: AgreementLoop
  readonly state: AgreementState
  readonly commits: { readonly atMs: number; readonly record: CommittedRecord }[]
  /** The browser resumes it; what piled up comes within `spreadMs`. */
  thaw(spreadMs: number): void
  /** Gone without a word. */
  crash(): void
  /** `pagehide` of a page that is refreshed: what its successor continues; null when it says goodbye instead. */
  part(graceMs: number): Register | null
  /** `leave()` with time to say goodbye, or `pagehide` without. */
  leave(graceMs: number): void
}

const BEAT_EVERY_MS = 1000
/** A page announces itself as soon as its socket is open. */
const FIRST_BEAT_MS = [5, 80] as const

/** Opens a page; it listens before it does anything else. */
export function openPage(start: PageStart, room: PageRoom): Page {
  const { id, participant, caps, clockError, identity, kept } = start
  const { time, random, signatures, dead } = room
  const freezer = createFreezer(clockOf(time, clockError))
  const { clock } = freezer
  const commits: Page['commits'] = []
  const heartbeats: Heartbeats = createHeartbeats({
    ...{ id, clock },
    voter: () => parts.identity.voter,
    send: (to, beat) => room.send(id, to, (other) => other.heartbeats.hear(beat)),
    onChange: () => parts.events.emit('presence', undefined),
  })
  const parts: PageDocument = openPageDocument({
    ...{ id, clock, random, signatures, identity, kept },
    touch: time.touch,
    send: (to, message) => room.send(id, to, (other) => other.receive(message)),
    isLive: (voter) => heartbeats.live().has(voter),
    heardAt: heartbeats.heardAt,
    hasHeard: () => heartbeats.hasHeard,
    onWritten: (register) => room.onWritten(page, register),
    onHop: heartbeats.announce,
    onBroken: (what) => room.onError(new Error(what)),
  })
  const barrier = createBarrier(clock, parts.document)
  let running: AgreementLoop | null = null
  let known: Register | null = null
  let isParting = false
  const media = createMedia({
    ...{ clock, random, dead },
    loop: () => loop,
    isReachable: (provider) => room.isReachable(id, provider),
  })
  const loop: AgreementLoop = startAgreementLoop({
    ...{ document: parts.document, clock, participant, caps },
    live: heartbeats.live,
    liveUntilMs: heartbeats.liveUntilMs,
    isProviderDead: media.isDead,
    onCommitted(record) {
      commits.push({ atMs: time.now, record })
      if (record.provider !== null) media.settleOn(record.provider)
      // Held is what a deciding vote stands in the document for; a sealed page decides nothing (protocol.md, S1).
      if (running === null) room.onCommitted(record)
      else void running.written().then(() => isParting || room.onCommitted(record))
    },
    onChange() {
      if (running === null) return
      const { register } = running.state
      // A new register is on its way into the document, or a hop is under way.
      if (register !== known) time.touch()
      const broken = barrier.problem(known, register)
      if (broken !== null) room.onError(new Error(broken))
      known = register
      media.look()
    },
    onError: (error) => isParting || room.onError(error),
  })
  running = loop
  clock.after(random.between(...FIRST_BEAT_MS), heartbeats.beat)
  every(clock, BEAT_EVERY_MS, () => {
    heartbeats.beat()
    loop.poke()
  })
  const page: Page = {
    ...{ id, participant, caps, clockError, freezer, heartbeats, media, loop, commits },
    ...{ doc: parts.doc, map: parts.map, store: parts.store, relay: parts.relay, events: parts.events },
    ...{ document: parts.document, receive: parts.receive, seal: parts.seal, unseal: parts.unseal },
    get identity() {
      return parts.identity
    },
    get state() {
      return loop.state
    },
    ...endings(),
  }
  return page

  function endings(): Pick<Page, 'thaw' | 'crash' | 'part' | 'leave'> {
    const crash = (): void => {
      freezer.close()
      loop.stop()
    }
    return {
      crash,
      thaw(spreadMs) {
        if (freezer.isClosed || !freezer.isFrozen) return
        const waited = freezer.thaw()
        heartbeats.wake()
        barrier.raise()
        parts.relay.resync()
        loop.wake()
        for (const task of waited) clock.after(random.between(0, spreadMs), task)
      },
      part(graceMs) {
        const register = parts.seal()
        if (register === null || register.left) {
          parts.unseal()
          return null
        }
        // What it still wants to write is refused.
        isParting = true
        loop.pause()
        clock.after(graceMs, crash)
        return register
      },
      leave(graceMs) {
        heartbeats.farewell()
        void loop.leave()
        clock.after(graceMs, crash)
      },
    }
  }
}
