/** A seat on the script-tag build's own idb: it is kept for the page that follows, and taken once. */
import 'fake-indexeddb/auto'
import { afterEach, expect, it, vi } from 'vitest'
import { createIdentity } from '../../../src/document/identity.js'
import { createSeatKeeper, type SeatKeeper } from '../../../src/document/kept-seat.js'
import { manualClock } from '../document/manual-clock.js'
import { makeRegister } from '../document/registers.js'

vi.mock('idb', () => import('../../../src/script-tag/idb.js'))

const clock = manualClock()
let keepers: SeatKeeper[] = []

afterEach(() => {
  for (const keeper of keepers) keeper.close()
  keepers = []
})

function keeperOf(room: string): SeatKeeper {
  const keeper = createSeatKeeper(room, 'ann', clock)
  if (keeper === null) throw new Error('no IndexedDB')
  keepers.push(keeper)
  return keeper
}

it('hands a seat to one of the pages that follow', async () => {
  const { pair, voter } = await createIdentity()
  const keeper = keeperOf('one')
  expect(await keeper.take()).toBeNull()
  await keeper.arm(pair)
  const seat = { pair, register: makeRegister({ voter, seq: 9 }), session: 'next' }
  expect(keeper.keep(seat)).toBe(true)
  const taken = await Promise.all([keeperOf('one').take(), keeperOf('one').take(), keeperOf('other').take()])
  expect(taken.filter((one) => one !== null)).toMatchObject([{ register: seat.register, session: 'next' }])
})

it('says that nothing can be kept once the database is closed', async () => {
  const { pair, voter } = await createIdentity()
  const keeper = keeperOf('closed')
  await keeper.take()
  await keeper.arm(pair)
  keeper.close()
  expect(keeper.keep({ pair, register: makeRegister({ voter }), session: 'next' })).toBe(false)
})
