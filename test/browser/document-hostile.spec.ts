import { expect, type Page, test } from '@playwright/test'
import * as Y from 'yjs'
import { call, freshPage } from '../support/document-pages.js'
import { type HostilePage, joinAsHostile } from '../support/hostile-page.js'
import { type PageServer, servePages } from '../support/page-server.js'
import { serveSignaling, type TestSignaling } from '../support/signaling.js'

let pages: PageServer
let signaling: TestSignaling
let room: string
let ann: Page
let ben: Page
let hostile: HostilePage
let voters: { readonly ann: string; readonly ben: string }

test.beforeEach(async ({ browser }) => {
  pages = await servePages()
  signaling = await serveSignaling()
  room = 'hostile'
  const both = await Promise.all([freshPage(browser, pages), freshPage(browser, pages)])
  ann = both[0]
  ben = both[1]
  const request = { room, signaling: [signaling.url] }
  const opened = await Promise.all([
    call(ann, 'open', { participant: 'ann', ...request }),
    call(ben, 'open', { participant: 'ben', ...request }),
  ])
  voters = { ann: opened[0].voter, ben: opened[1].voter }
  await Promise.all([call(ann, 'untilSeen', 'ann', ['ben']), call(ben, 'untilSeen', 'ben', ['ann'])])
  hostile = await joinAsHostile(signaling.url, room)
  await expect.poll(() => hostile.registers.size).toBe(2)
})
test.afterEach(async ({ browser }) => {
  hostile.close()
  await Promise.all(browser.contexts().map((context) => context.close()))
  await signaling.close()
  await pages.close()
})

/** Both pages still agree, and nothing reached the page as an uncaught error. */
async function expectUnharmed(): Promise<void> {
  await call(ann, 'publish', 'ann')
  const seq = (await call(ann, 'registers', 'ann')).ann
  await expect.poll(async () => (await call(ben, 'registers', 'ben')).ann).toBe(seq)
  for (const page of [ann, ben]) expect(await call(page, 'uncaught')).toEqual([])
}

test('a deleted or overwritten register changes nothing for anybody and is written again by its owner', async () => {
  const own = hostile.registers.get(voters.ann)
  hostile.write((registers) => registers.delete(voters.ann))
  await expect.poll(() => hostile.registers.get(voters.ann), { timeout: 10_000 }).toBe(own)
  hostile.write((registers) => registers.set(voters.ann, 'mine now'))
  await expect.poll(() => hostile.registers.get(voters.ann), { timeout: 10_000 }).toBe(own)
  expect(await call(ben, 'registers', 'ben')).toEqual({ ann: 1, ben: 1 })
  await expectUnharmed()
})

test('garbage, forged and foreign registers are reported and never folded', async () => {
  const genuine = String(hostile.registers.get(voters.ben))
  hostile.write((registers) => {
    registers.set('__proto__', '{}')
    registers.set('x'.repeat(22), genuine)
    registers.set('y'.repeat(22), genuine.replace('"q":1', '"q":9'))
    registers.set('z'.repeat(22), 'a'.repeat(10_000))
    registers.set('n'.repeat(22), 7)
    registers.set('m'.repeat(22), new Y.Map([['nested', 1]]))
    registers.set(voters.ben, genuine.replace('"q":1', '"q":9'))
  })
  await expect
    .poll(() => call(ann, 'rejected', 'ann'))
    .toEqual(expect.arrayContaining(['register-invalid', 'register-forged']))
  expect(await call(ann, 'registers', 'ann')).toEqual({ ann: 1, ben: 1 })
  await expectUnharmed()
})

test('garbage on the signaling topics is reported and breaks nothing', async () => {
  const junk: unknown[] = [
    null,
    7,
    'text',
    [],
    {},
    ...[
      ...[7, { type: 'announce' }, { type: 'announce', linked: 7, trying: [] }, { type: 'signal' }],
      { type: 'signal', attempt: 'x', signal: { type: 'offer', sdp: 'nonsense' } },
      { type: 'signal', attempt: 'x', signal: { type: 'candidate', candidate: { candidate: 'nonsense' } } },
    ].map((body, index) => ({ type: 'holdfast', from: '-', id: 10 + index, at: 1, kind: 'rtc', body })),
    { type: 'holdfast' },
    { type: 'holdfast', from: 'h', id: -1, at: 'now', kind: 'update', body: null },
    { type: 'holdfast', from: 'h', id: 1, at: 1, kind: 'update', body: { u: 'AAAA////' } },
    { type: 'holdfast', from: 'h', id: 2, at: 1, kind: 'update', body: { u: '%%%' } },
    { type: 'holdfast', from: 'h', id: 3, at: 1, kind: 'presence', body: { s: 'AQEBAQ==' } },
    { type: 'holdfast', from: 'h', id: 4, at: 1, kind: 'hello', body: { v: '' } },
    { type: 'holdfast', from: 'h', id: 5, at: 1, kind: 'channel', body: { topic: 7 } },
    JSON.parse('{"type":"holdfast","__proto__":{"polluted":true}}'),
  ]
  for (const data of junk) for (const topic of [room, `${room}#holdfast`]) hostile.publish(topic, data)
  await expect.poll(() => call(ann, 'rejected', 'ann')).toContain('signaling-garbage')
  expect(await ann.evaluate(() => 'polluted' in {})).toBe(false)
  await expectUnharmed()
})

test('a page that announces itself and never answers leaves no connection behind', async () => {
  // The lesser id never offers, so both pages begin a connection to it. It calls again, as pages do: what comes in a
  // page's first moments waits for no connection.
  let calls = 0
  const body = { type: 'announce', linked: [], trying: [] }
  const announce = (): void => {
    calls += 1
    hostile.publish(`${room}#holdfast`, {
      type: 'holdfast',
      from: '!',
      id: calls,
      at: calls,
      kind: 'rtc',
      body,
    })
  }
  await expect
    .poll(
      () => {
        announce()
        return call(ann, 'unfinishedConnections')
      },
      { intervals: [100], timeout: 10_000 },
    )
    .toBeGreaterThan(0)
  await expect.poll(() => call(ann, 'unfinishedConnections'), { timeout: 20_000 }).toBe(0)
  await expectUnharmed()
})

test('nobody can speak for a voter that is here', async () => {
  const before = await call(ann, 'presence', 'ann')
  expect(before.map((one) => one.participant)).toEqual(['ben'])
  const seat = {
    participant: 'ben',
    voter: voters.ben,
    session: 'other',
    beat: 99,
    hasLeft: true,
    muted: [],
    publishing: [],
    sight: {},
    flowingOn: null,
    asking: null,
    directory: {},
  }
  const state = JSON.stringify({ holdfast: { page: 'hostile', rtc: '', seats: [seat], pings: [], echoes: [] } })
  // An awareness update: one client with id 5 and clock 1.
  const text = Buffer.from(state)
  const header = [1, 5, 1, (text.length & 127) | 128, text.length >> 7]
  hostile.publish(`${room}#holdfast`, {
    type: 'holdfast',
    from: 'hostile-2',
    id: 1,
    at: 1,
    kind: 'presence',
    body: { s: Buffer.concat([Buffer.from(header), text]).toString('base64') },
  })
  await expect.poll(() => call(ann, 'rejected', 'ann')).toContain('presence-invalid')
  expect((await call(ann, 'presence', 'ann')).map((one) => one.hasLeft)).toEqual([false])
  await expectUnharmed()
})
