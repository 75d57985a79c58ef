/** Checks of messages between participants, for adapters that declare `data`. */
import type { ComplianceCheck } from '../compliance.js'
import { type ComplianceRoom, claim, type Participant, rejectionOf, settled } from '../room.js'

/** See the file's comment. */
export const dataChecks: readonly ComplianceCheck[] = [
  {
    id: 'data',
    title: 'bytes reach the named participant only, up to the declared size, without echo',
    exemption: (_, { data }) => (data ? null : 'no data declared'),
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea')
      const cyd = await room.join('cyd')
      for (const [at, peer] of [
        [ada, 'bea'],
        [ada, 'cyd'],
        [bea, 'ada'],
        [cyd, 'ada'],
      ] as const)
        await room.until(`${at.peer} sees ${peer}`, () => at.connection.peers.has(peer))
      const data = ada.provider.capabilities.data
      claim(data !== null, 'data is declared')
      await warmUp(room, ada, [bea, cyd])
      const heard = { bea: received(bea).length, cyd: received(cyd).length }
      const largest = new Uint8Array(data.maxBytes).fill(7)
      await ada.connection.send?.(largest, 'bea')
      await room.until('bea has the bytes', () => received(bea).length === heard.bea + 1)
      const got = received(bea)[heard.bea]
      claim(got?.from === 'ada', `they come from ada, not ${got?.from}`)
      claim(got.bytes.length === largest.length && got.bytes.every((byte) => byte === 7), 'they are whole')
      await ada.connection.send?.(new Uint8Array([1, 2, 3]))
      await room.until('cyd has what was sent to all', () => received(cyd).length > heard.cyd)
      await room.quiet()
      if (data.isDirect) claim(received(cyd).length === heard.cyd + 1, 'cyd got nothing that was for bea')
      claim(received(ada).length === 0, 'ada hears no echo')
      const tooMuch = ada.connection.send?.(new Uint8Array(data.maxBytes + 1)) ?? Promise.resolve()
      await rejectionOf(tooMuch, room.limits.eventMs, 'one byte more is rejected')
    },
  },
  {
    id: 'data-in-order',
    title: 'what both sides send at once arrives whole, once each and in order',
    exemption: (_, { data }) => (data ? null : 'no data declared'),
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea')
      await room.until('ada sees bea', () => ada.connection.peers.has('bea'))
      await room.until('bea sees ada', () => bea.connection.peers.has('ada'))
      await warmUp(room, ada, [bea])
      await warmUp(room, bea, [ada])
      const numbers = Array.from({ length: SERIES_COUNT }, (_, index) => index)
      for (const number of numbers)
        await Promise.all([ada, bea].map((one) => one.connection.send?.(new Uint8Array([MARK, number]))))
      const series = (at: Participant): number[] =>
        received(at).flatMap(({ bytes }) => (bytes.length === 2 && bytes[0] === MARK ? [bytes[1] ?? -1] : []))
      for (const at of [ada, bea]) {
        await room.until(`${at.peer} has all of them`, () => series(at).length >= SERIES_COUNT)
        await room.quiet()
        claim(series(at).join() === numbers.join(), `${at.peer} has each of them once, in order`)
      }
    },
  },
  {
    id: 'data-after-leave',
    title: 'who has left hears nothing more and is heard by nobody',
    exemption: (_, { data }) => (data ? null : 'no data declared'),
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea')
      const cyd = await room.join('cyd')
      for (const peer of ['bea', 'cyd'])
        await room.until(`ada sees ${peer}`, () => ada.connection.peers.has(peer))
      await warmUp(room, ada, [bea, cyd])
      await bea.connection.leave()
      await room.until('ada sees bea go', () => !ada.connection.peers.has('bea'))
      const heard = { ada: received(ada).length, bea: received(bea).length, cyd: received(cyd).length }
      await ada.connection.send?.(new Uint8Array([MARK]))
      await room.until('cyd hears ada', () => received(cyd).length > heard.cyd)
      const late = bea.connection.send?.(new Uint8Array([MARK, MARK])) ?? Promise.resolve()
      // Whether it is refused or ignored is the adapter's business.
      await settled(
        late.catch(() => undefined),
        room.limits.eventMs,
        'sending after leave settles',
      )
      await room.quiet()
      claim(received(bea).length === heard.bea, 'bea hears nothing more')
      claim(received(cyd).length === heard.cyd + 1, 'cyd hears ada once, and bea no more')
      claim(received(ada).length === heard.ada, 'ada hears nothing of bea')
    },
  },
]

function received(at: Participant): { readonly from: string; readonly bytes: Uint8Array }[] {
  return at.log.flatMap((entry) => (entry.name === 'data' ? [entry.event] : []))
}

/** Sends until it arrives: a channel may still open when its participant is already shown. */
async function warmUp(room: ComplianceRoom, from: Participant, to: readonly Participant[]): Promise<void> {
  let sent = 0
  const trySend = (): void => {
    sent += 1
    // A channel that is not open yet rejects, and the next attempt comes.
    void from.connection.send?.(new Uint8Array([sent])).catch(() => undefined)
  }
  await room.until(`a byte of ${from.peer} reaches everybody`, () => {
    trySend()
    return to.every((one) => received(one).length > 0)
  })
  await room.quiet()
}

/** Enough that a queue has to be used; few enough for a channel that is limited. */
const SERIES_COUNT = 20
/** Tells messages of a check from those that warm up. */
const MARK = 201
