/**
 * A simulated room: pages with real documents on a virtual network, providers that live and die, and a ledger of
 * everything that was said. What breaks S1, S3, an invariant or the fold ends up in `violations`.
 */

import { decide } from '../../../src/consensus/decide.js'
import { bestLineage } from '../../../src/consensus/lineage.js'
import { recordText } from '../../../src/consensus/record.js'
import type { Register } from '../../../src/consensus/register.js'
import type { Identity } from '../../../src/document/identity.js'
import { type Ledger, newLedger, noteDecided, notePublished } from '../checks.js'
import { type Random, seededRandom } from '../random.js'
import { CLEAN, createNetwork, type LinkQuality, type Network } from './network.js'
import { openPage, type Page, type PageRoom } from './page.js'
import { keyedSignatures, realSignatures, type Signatures } from './signatures.js'
import { type ClockError, createVirtualTime, type VirtualTime } from './virtual-time.js'

/** How a room starts; the seed fixes everything else. */
export interface RoomOptions {
  readonly seed: number
  readonly quality?: LinkQuality
  /** WebCrypto instead of keyed hashes. */
  readonly isSignedForReal?: boolean
  /** Rests after each task (virtual-time.ts). */
  readonly isWary?: boolean
}

/** A room. */
export interface Room {
  readonly time: VirtualTime
  readonly random: Random
  readonly network: Network
  readonly ledger: Ledger
  readonly signatures: Signatures
  /** Everybody who ever was there, by id. */
  readonly pages: readonly Page[]
  readonly dead: Set<string>
  /** Providers that a page cannot reach, as `id/provider`. */
  readonly unreachable: Set<string>
  /** What must not happen; a run ends at the first one. */
  readonly violations: string[]
  readonly writes: number
  readonly lastWriteAtMs: number
  /** Honest pages that are open, frozen ones included. */
  up(): Page[]
  join(start: JoinStart): Promise<Page>
  /** A page is refreshed: its seat lies there until the next page of the same person opens. */
  part(page: Page, graceMs: number): void
  /** Takes a page out of what is checked: from now on it lies. */
  corrupt(page: Page): void
  /** Restores directions; pages whose sockets open again greet. */
  restore(pairs: readonly (readonly [Page, Page])[]): void
  restoreAll(): void
  kill(provider: string): void
  revive(provider: string): void
  close(): void
}

/** Who joins; providers default to all in any order. */
export interface JoinStart {
  readonly participant: string
  readonly caps?: readonly string[]
  readonly clockError?: ClockError
}

/** What pages can run. */
export const PROVIDERS: readonly string[] = ['east', 'mesh', 'west']
/** A socket that lost its server opens again within this time (document/signaling-socket.ts). */
const REOPEN_MS = [10, 500] as const
const RIGHT: ClockError = { offsetMs: 0, drift: 0 }

/** Makes an empty room. */
export function createRoom(options: RoomOptions): Room {
  const time = createVirtualTime(options.isWary)
  const random = seededRandom(options.seed)
  const network = createNetwork(time, seededRandom(options.seed + 1), options.quality ?? CLEAN)
  const signatures = options.isSignedForReal
    ? realSignatures(options.seed, time)
    : keyedSignatures(options.seed)
  const ledger = newLedger()
  const pages: Page[] = []
  const corrupted = new Set<Page>()
  /** What refreshed pages leave to the next page of their person; taken once (document/kept-seat.ts). */
  const seats = new Map<string, { readonly identity: Identity; readonly register: Register }>()
  const violations: string[] = []
  const dead = new Set<string>()
  const unreachable = new Set<string>()
  let writes = 0
  let lastWriteAtMs = 0
  const guarded = (check: () => void): void => {
    try {
      check()
    } catch (error) {
      violations.push(error instanceof Error ? error.message : String(error))
    }
  }
  const surroundings: PageRoom = {
    ...{ time, random, signatures, dead },
    isReachable: (page, provider) => !unreachable.has(`${page}/${provider}`),
    send(from, to, deliver) {
      const sender = pages[from]
      if (sender === undefined || sender.freezer.isClosed) return
      const receivers = to === null ? pages : pages.slice(to, to + 1)
      for (const other of receivers)
        if (other !== sender && !other.freezer.isClosed)
          network.send(sender, other, () => other.freezer.run(() => deliver(other)))
    },
    onWritten(page, register) {
      writes++
      lastWriteAtMs = time.now
      guarded(() => {
        notePublished(ledger, register)
        checkDeterminism(page)
      })
    },
    onCommitted: (record) => guarded(() => noteDecided(ledger, record)),
    onError: (error) => violations.push(error instanceof Error ? error.message : String(error)),
  }
  const greetSoon = (page: Page): void => {
    page.freezer.clock.after(random.between(...REOPEN_MS), page.relay.greet)
  }
  return {
    ...{ time, random, network, ledger, signatures, pages, dead, unreachable, violations },
    get writes() {
      return writes
    },
    get lastWriteAtMs() {
      return lastWriteAtMs
    },
    up: () => pages.filter((page) => !page.freezer.isClosed && !corrupted.has(page)),
    async join({ participant, caps = random.shuffle(PROVIDERS), clockError = RIGHT }) {
      time.touch()
      const seat = seats.get(participant)
      seats.delete(participant)
      const kept = seat?.register ?? null
      const identity = seat?.identity ?? (await signatures.mint())
      const page = openPage({ id: pages.length, participant, caps, clockError, identity, kept }, surroundings)
      pages.push(page)
      return page
    },
    part(page, graceMs) {
      const register = page.part(graceMs)
      if (register === null) page.leave(graceMs)
      else seats.set(page.participant, { identity: page.identity, register })
    },
    corrupt(page) {
      corrupted.add(page)
      page.loop.stop()
    },
    restore(pairs) {
      for (const [from, to] of pairs) network.restore(from, to)
      for (const page of new Set(pairs.flat())) greetSoon(page)
    },
    restoreAll() {
      network.restoreAll()
      for (const page of pages) greetSoon(page)
    },
    kill(provider) {
      dead.add(provider)
      for (const page of pages) page.freezer.run(page.media.look)
    },
    revive(provider) {
      dead.delete(provider)
      for (const page of pages) page.freezer.run(() => page.media.revive(provider))
    },
    close() {
      for (const page of pages) {
        page.crash()
        page.store.close()
        page.doc.destroy()
      }
    },
  }
}

/** S2: what a document says does not depend on the order in which it was heard. */
function checkDeterminism(page: Page): void {
  const { register } = page.state
  if (register === null) return
  const registers = page.store.registers
  const turned = new Map([...registers].reverse())
  const live = page.heartbeats.live()
  const texts = [registers, turned].map((one) => {
    const record = decide(one, register.lineage, register.head)
    return `${record === null ? null : recordText(record)} in ${bestLineage(one, live)}`
  })
  if (texts[0] !== texts[1]) throw new Error(`S2 broken: ${texts.join('\n')}`)
}
