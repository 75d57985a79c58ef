/**
 * A page that lies: it goes on beating, but its loop is gone, and it writes into the document whatever it likes.
 * It cannot sign for others. While it sits in a committee it may still break S1 by voting twice or by proposing
 * what it was not free to propose; the ledger notes that, and everybody else must be together again once it is gone.
 */
import * as yjs from 'yjs'
import { recommit } from '../../../src/consensus/desired.js'
import { genesisLineage } from '../../../src/consensus/lineage.js'
import { type CommittedRecord, canAllRun, makeRecord } from '../../../src/consensus/record.js'
import { freshRegister, type Register } from '../../../src/consensus/register.js'
import { toBase64 } from '../../../src/document/base64.js'
import { signRegister } from '../../../src/document/register-wire.js'
import type { Page } from './page.js'
import { ROOM } from './page-document.js'
import type { HostileKind } from './plan.js'
import { PROVIDERS, type Room } from './room.js'

/** What the hostile pages of a room do. */
export interface Hostility {
  /** An honest page turns hostile. */
  turn(page: Page): void
  /** The last page that turned acts; nothing happens before one has. */
  act(kind: HostileKind, value: number): void
  /** All of them go, without a word. */
  end(): void
}

interface Liar {
  readonly page: Page
  /** Everything ever seen in the map, by key. */
  readonly seen: Map<string, string[]>
  register: Register | null
}

/** Well above what an honest write that is still under way may use. */
const SEQ_STEP = 10
const FLOOD_VOTERS = 12
const OVERSIZE_CHARACTERS = 4000
/** One above a power of two: odd rounds belong to the senior of a committee of two. */
const ROUNDS = [1000, 1_000_000, 2 ** 31, Number.MAX_SAFE_INTEGER - 3, Number.MAX_SAFE_INTEGER]

/** Starts with nobody hostile. */
export function createHostility(room: Room): Hostility {
  const liars: Liar[] = []
  const acts = actsOf(room)
  return {
    turn(page) {
      const seen = new Map<string, string[]>()
      const note = (): void => {
        for (const [key, value] of page.map)
          if (typeof value === 'string') seen.set(key, [...(seen.get(key) ?? []).slice(-9), value])
      }
      page.map.observe(note)
      note()
      const { register } = page.state
      room.corrupt(page)
      liars.push({ page, seen, register })
    },
    act(kind, value) {
      const liar = liars.at(-1)
      if (liar === undefined || liar.page.freezer.isClosed) return
      room.time.touch()
      acts[kind](liar, value)
    },
    end() {
      for (const { page } of liars) page.crash()
    },
  }
}

function actsOf(room: Room): Record<HostileKind, (liar: Liar, value: number) => void> {
  const victim = ({ page }: Liar, value: number): string | undefined => {
    const keys = [...page.map.keys()].filter((key) => key !== page.identity.voter)
    return keys[Math.floor(value * keys.length)]
  }
  const write = async (liar: Liar, register: Register, key = register.voter): Promise<void> => {
    liar.page.map.set(key, await signRegister(register, liar.page.identity, ROOM))
  }
  const say = (liar: Liar, parts: Partial<Register>): void => {
    if (liar.register === null) return
    liar.register = { ...liar.register, ...parts, seq: liar.register.seq + SEQ_STEP }
    void write(liar, liar.register)
  }
  return {
    overwrite: (liar, value) =>
      set(liar, victim(liar, value), liar.page.map.get(victim(liar, 1 - value) ?? '')),
    delete(liar, value) {
      const key = victim(liar, value)
      if (key !== undefined) liar.page.map.delete(key)
    },
    replay(liar, value) {
      const key = victim(liar, value)
      set(liar, key, key === undefined ? undefined : liar.seen.get(key)?.[0])
    },
    forge(liar, value) {
      const register = liar.page.store.registers.get(victim(liar, value) ?? '')
      if (register) void write(liar, { ...register, seq: register.seq + SEQ_STEP, promised: 9, left: true })
    },
    inflate: (liar, value) => say(liar, { promised: pick(ROUNDS, value) }),
    overtake(liar, value) {
      const { register } = liar
      if (register === null) return
      room.ledger.liars.add(register.voter)
      const seat = register.head.committee.indexOf(register.voter)
      const size = register.head.committee.length
      const round = Math.floor((value * 1000) / size) * size + seat + 1
      const proposed = switched(register, value)
      say(liar, { promised: round, votedBallot: round, voted: proposed, proposedRound: round, proposed })
    },
    equivocate(liar, value) {
      if (liar.register === null) return
      room.ledger.liars.add(liar.register.voter)
      const base = { ...liar.register, seq: liar.register.seq + SEQ_STEP, votedBallot: 0 }
      liar.register = { ...base, voted: recommit(base.head) }
      void equivocate(room, liar.page, [liar.register, { ...base, voted: switched(base, value) }])
    },
    flood(liar) {
      for (let index = 0; index < FLOOD_VOTERS; index++) void flood(room, liar.page)
    },
    oversize: (liar, value) => set(liar, victim(liar, value), 'x'.repeat(OVERSIZE_CHARACTERS)),
    malform: (liar, value) =>
      set(liar, victim(liar, value), pick([42, { a: 1 }, new yjs.Map(), '1.P.x.y.{}', null], value)),
    garble(liar, value) {
      const body = pick([{ u: toBase64(new Uint8Array([1, 9, 200, 3, 7])) }, { u: '%' }, { v: 'AA' }, 7], value)
      const message = { kind: pick(['update', 'sync', 'hello', 'nonsense'], value), from: 'x', body }
      for (const other of room.up()) room.network.send(liar.page, other, () => other.receive(message))
    },
  }
}

function set({ page }: Liar, key: string | undefined, value: unknown): void {
  if (key !== undefined && value !== undefined) page.map.set(key, value)
}

/** A valid next record on another provider. */
function switched({ head }: Register, value: number): CommittedRecord {
  const others = PROVIDERS.filter((provider) => provider !== head.provider && canAllRun(head, provider))
  return { ...recommit(head), provider: others.length > 0 ? pick(others, value) : head.provider }
}

/** Shows one half of the room one content and the other half another, under one seq. */
async function equivocate(room: Room, page: Page, contents: readonly Register[]): Promise<void> {
  const state = yjs.encodeStateAsUpdate(page.doc)
  const vector = yjs.encodeStateVector(page.doc)
  for (const [half, content] of contents.entries()) {
    const doc = new yjs.Doc()
    doc.clientID = room.random.between(1, 2 ** 31)
    yjs.applyUpdate(doc, state)
    doc.getMap('registers').set(content.voter, await signRegister(content, page.identity, ROOM))
    const body = { u: toBase64(yjs.encodeStateAsUpdate(doc, vector)) }
    const message = { kind: 'update', from: String(page.id), body }
    for (const other of room.up())
      if (other.id % contents.length === half) room.network.send(page, other, () => other.receive(message))
    doc.destroy()
  }
}

/** A voter that nobody knows, correctly signed. */
async function flood(room: Room, page: Page): Promise<void> {
  const identity = await room.signatures.mint()
  const { voter } = identity
  const seats = [{ voter, caps: PROVIDERS }]
  const head = makeRecord({ lineage: genesisLineage(voter), n: 0, provider: null, seats, parent: '' })
  const register = freshRegister({ voter, participant: voter, joinedAt: 1, caps: PROVIDERS, warm: {} }, head)
  page.map.set(voter, await signRegister({ ...register, seq: 1 }, identity, ROOM))
}

function pick<T>(items: readonly T[], value: number): T {
  return items[Math.floor(value * items.length)] as T
}
