/**
 * Suite `agreement`: what decisions leave behind in the document. Five voters with real keys, real signatures and
 * a real Y.Doc each, whose updates reach the others at once; the core decides, time is moved by hand.
 */
import * as Y from 'yjs'
import type { Clock } from '../../src/clock.js'
import { type AgreementState, createAgreement, type Input, step, type View } from '../../src/consensus/index.js'
import { createIdentity } from '../../src/document/identity.js'
import type { OwnRegister } from '../../src/document/own-register.js'
import { createRegisterStore, type RegisterStore } from '../../src/document/register-store.js'
import type { Figure } from '../figure.js'
import { atMost } from './statistics.js'

const VOTERS = 5
const PROVIDERS = ['east', 'west']
/** Until everybody has written all that a register holds. */
const WARM_DECISIONS = 20
const DECISIONS = 1000
/** Between two inputs: below what the core takes for a sleep, and readers' pace is never reached. */
const STEP_MS = 500
/** Far more turns than a decision takes. */
const TURNS_MAX = 100

interface Page {
  readonly doc: Y.Doc
  readonly map: Y.Map<unknown>
  readonly store: RegisterStore
  readonly own: OwnRegister
  state: AgreementState
}

/** Rows about bytes. */
export async function growthFigures(progress: (line: string) => void): Promise<readonly Figure[]> {
  const time = movedClock()
  const wire = { bytes: 0 }
  const pages: Page[] = []
  for (let voter = 0; voter < VOTERS; voter += 1) pages.push(await openPage(time.clock, voter, pages, wire))
  const live = new Set(pages.map((page) => page.state.voter))
  const call = { pages, live, time }
  for (const page of pages)
    for (const provider of PROVIDERS) await feed(call, page, { type: 'warm', provider, outcome: 'ready' })
  await pumpUntil(call, () => pages.every((page) => isSeated(page, VOTERS)))
  await decideOften(call, WARM_DECISIONS)
  const before = sizeOf(pages)
  wire.bytes = 0
  await decideOften(call, DECISIONS)
  const growth = sizeOf(pages) - before
  progress(`document ${before} B, then ${growth} B more after ${DECISIONS} decisions`)
  const registers = pages.flatMap((page) => [...page.map.values()].map((value) => byteLength(value)))
  return [
    atMost(
      `growth of the encoded document by ${DECISIONS} decisions of ${VOTERS} voters`,
      growth,
      'B',
      100,
      DECISIONS,
    ),
    atMost(`encoded document of ${VOTERS} voters`, before, 'B', null, 1),
    atMost('largest signed register in it', Math.max(...registers), 'B', null, registers.length),
    atMost('updates sent per decision to each peer', wire.bytes / DECISIONS, 'B', null, DECISIONS),
  ]
}

interface SmallCall {
  readonly pages: readonly Page[]
  readonly live: ReadonlySet<string>
  readonly time: ReturnType<typeof movedClock>
}

async function openPage(
  clock: Clock,
  index: number,
  pages: readonly Page[],
  wire: { bytes: number },
): Promise<Page> {
  const identity = await createIdentity()
  const doc = new Y.Doc()
  const map = doc.getMap<unknown>('registers')
  const store = createRegisterStore({ map, room: 'bench', clock, onChange: () => undefined, reject: fail })
  const { voter } = identity
  const view = viewOf(clock, store, new Set([voter]))
  const state = createAgreement({ voter, participant: `p${index}`, joinedAt: index, caps: PROVIDERS, view })
  const page: Page = { doc, map, store, own: store.own(identity), state }
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === WIRE) return
    wire.bytes += update.length
    for (const other of pages) if (other !== page) Y.applyUpdate(other.doc, update, WIRE)
  })
  return page
}

const WIRE = 'wire'

/** One wish after the other, by one voter after the other, each decided before the next. */
async function decideOften(call: SmallCall, count: number): Promise<void> {
  const { pages } = call
  for (let decision = 0; decision < count; decision += 1) {
    const page = pages[decision % pages.length] as Page
    const n = epochOf(page)
    const provider = PROVIDERS.find((id) => id !== page.state.register?.head.provider) ?? ''
    await feed(call, page, { type: 'want', provider })
    await pumpUntil(call, () => pages.every((one) => epochOf(one) > n))
  }
}

async function pumpUntil(call: SmallCall, isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    if (isDone()) return
    call.time.advance(STEP_MS)
    for (const page of call.pages) await feed(call, page, { type: 'view' })
  }
  throw new Error('five voters did not come to a decision')
}

async function feed({ pages, live, time }: SmallCall, page: Page, input: Input): Promise<void> {
  const { state, effects } = step(page.state, { ...input, view: viewOf(time.clock, page.store, live) })
  page.state = state
  for (const effect of effects) {
    if (effect.type === 'hop') throw new Error('nobody hops in a call without faults')
    if (effect.type === 'publish') await page.own.publish(effect.register)
  }
  await Promise.all(pages.map((one) => one.store.settled()))
}

function viewOf(clock: Clock, store: RegisterStore, live: ReadonlySet<string>): View {
  const flags = { isSyncing: false, hasHeardPeer: true, isProviderDead: false }
  return { now: clock.now(), wallNow: clock.wallNow(), registers: store.registers, live, ...flags }
}

function isSeated({ state }: Page, size: number): boolean {
  const head = state.register?.head
  return head !== undefined && head.committee.length === size && head.provider !== null
}

function epochOf({ state }: Page): number {
  return state.register?.head.n ?? -1
}

function sizeOf(pages: readonly Page[]): number {
  return Math.max(...pages.map((page) => Y.encodeStateAsUpdate(page.doc).length))
}

function byteLength(value: unknown): number {
  return new TextEncoder().encode(String(value)).length
}

function fail(code: string): void {
  throw new Error(`a register was rejected: ${code}`)
}

/** Timers never fire: nothing here is overwritten or comes too fast. */
function movedClock(): { readonly clock: Clock; advance(ms: number): void } {
  let now = 0
  const clock = { now: () => now, wallNow: () => now, after: () => () => undefined }
  return {
    clock,
    advance(ms) {
      now += ms
    },
  }
}
