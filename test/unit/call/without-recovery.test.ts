/**
 * A call that lacks what its recovery is made of: chunks that cannot be loaded (a deploy removed them, a proxy
 * blocks them) and a database that is not there. Node has no IndexedDB, so that nothing has to be pretended.
 */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type NodeCall, type NodeCalls, nodeCalls } from '../../support/node-calls.js'

const RECOVERY_CHUNKS = ['recovery-desk', 'experience', 'recovery-guard'] as const

let room: NodeCalls
let count = 0

beforeEach(() => {
  count += 1
  room = nodeCalls(`without-${count}`)
})
afterEach(async () => {
  await room.close()
  for (const chunk of RECOVERY_CHUNKS) vi.doUnmock(`../../../src/call/${chunk}.js`)
})

/** From now on `import()` of it rejects, as a browser's does when the file is gone. */
function loseChunk(chunk: (typeof RECOVERY_CHUNKS)[number]): void {
  vi.doMock(`../../../src/call/${chunk}.js`, () => {
    throw new TypeError('Failed to fetch dynamically imported module')
  })
}

async function pair(options: Parameters<NodeCalls['open']>[1] = {}): Promise<readonly [NodeCall, NodeCall]> {
  const both = await Promise.all([room.open('ada', options), room.open('bob', options)])
  await room.until('both live', () =>
    both.every(({ last }) => last.state === 'live' && last.peers.length === 1),
  )
  return both
}

/** The server dies, and both have to be together on the other. */
async function failOver([ada, bob]: readonly [NodeCall, NodeCall]): Promise<void> {
  room.east.kill()
  const isThere = ({ last }: NodeCall): boolean =>
    last.state === 'live' && last.provider === 'west' && last.peers[0]?.provider === 'west'
  await room.until('both on west', () => isThere(ada) && isThere(bob))
}

it('P26 where no code of recovery can be loaded the call still fails over, by fixed priority, and says so', async () => {
  for (const chunk of RECOVERY_CHUNKS) loseChunk(chunk)
  const warn = vi.fn()
  const logger = { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() }
  const both = await pair({ logger })
  for (const { session } of both) {
    expect(await room.settled(session.recovery())).toBeNull()
    expect(await room.settled(session.experience())).toBeNull()
  }
  await failOver(both)
  for (const { last } of both) {
    expect(last.recovery).toMatchObject({
      selection: 'fixed',
      fallbacks: ['no-desk', 'no-worker', 'no-learning'],
    })
    expect(last.recovery.last).toMatchObject({ incident: 'provider-outage', to: 'west', outcome: 'succeeded' })
  }
  const told = warn.mock.calls.map(([text]) => text)
  expect(told).toContain('the recovery desk could not be loaded')
  expect(told).toContain('learning could not be loaded')
})

it('P26 where no worker can be started that is told once, and not where the app wants none', async () => {
  const codesOf = ({ moments }: NodeCall): unknown[] =>
    moments.filter(({ name }) => name === 'warning').map(({ event }) => (event as { code: string }).code)
  const [ada, bob] = [await room.open('ada', { worker: 'auto' }), await room.open('bob')]
  await room.until('no worker', () => [ada, bob].every(({ last }) => last.worker === 'main'))
  expect(codesOf(ada)).toEqual(['worker-unavailable'])
  expect(codesOf(bob)).toEqual([])
})

it('P26 where the desk alone is missing what was learned still chooses', async () => {
  loseChunk('recovery-desk')
  const [ada] = await pair()
  await room.settled(ada.session.experience())
  await room.run(40)
  expect(ada.last.recovery).toMatchObject({ selection: 'learned', fallbacks: ['no-desk', 'no-worker'] })
})

it('P26 without a database the call recovers, keeps what it did in memory, and says so', async () => {
  const both = await pair({ history: 'indexeddb' })
  await failOver(both)
  await room.until('it is known', () => both.every(({ last }) => last.history === 'memory'))
  for (const { last, session } of both) {
    expect(last.recovery.fallbacks).toContain('no-database')
    expect((await session.attempts()).map(({ to, outcome }) => `${to} ${outcome}`)).toContain('west succeeded')
  }
})

/** What a call is made of, taken away one after the other; in Node there is no worker to begin with. */
const LAYERS: readonly {
  readonly lost: readonly (typeof RECOVERY_CHUNKS)[number][]
  readonly history: 'memory' | 'indexeddb'
  readonly fallbacks: readonly string[]
}[] = [
  { lost: [], history: 'memory', fallbacks: ['no-worker'] },
  { lost: [], history: 'indexeddb', fallbacks: ['no-worker', 'no-database'] },
  {
    lost: ['experience', 'recovery-guard'],
    history: 'indexeddb',
    fallbacks: ['no-worker', 'no-database', 'no-learning'],
  },
  {
    lost: RECOVERY_CHUNKS,
    history: 'indexeddb',
    fallbacks: ['no-desk', 'no-worker', 'no-database', 'no-learning'],
  },
]

it.each(LAYERS)(
  'P68 degrades gracefully: with $fallbacks the call recovers all the same, and says what it lacks',
  async ({ lost, history, fallbacks }) => {
    for (const chunk of lost) loseChunk(chunk)
    const both = await pair({ history })
    for (const { session } of both) {
      await room.settled(session.recovery())
      await room.settled(session.experience())
    }
    await failOver(both)
    await room.until('all that is missing is known', () =>
      both.every(({ last }) => last.recovery.fallbacks.length === fallbacks.length),
    )
    for (const { last } of both) {
      expect(last.recovery.fallbacks).toEqual(fallbacks)
      expect(last.recovery.selection).toBe(fallbacks.includes('no-learning') ? 'fixed' : 'learned')
      expect(last.recovery.last).toMatchObject({
        incident: 'provider-outage',
        to: 'west',
        outcome: 'succeeded',
      })
    }
  },
)
