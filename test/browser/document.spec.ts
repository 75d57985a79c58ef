import { type Browser, expect, type Page, test } from '@playwright/test'
import { call, freshPage, linkPeers, load } from '../support/document-pages.js'
import { type PageServer, servePages } from '../support/page-server.js'
import { serveSignaling, type TestSignaling } from '../support/signaling.js'

let pages: PageServer
let signaling: TestSignaling
let count = 0

test.beforeAll(async () => {
  pages = await servePages()
})
test.afterAll(() => pages.close())
test.beforeEach(async () => {
  signaling = await serveSignaling()
})
test.afterEach(async ({ browser }) => {
  await Promise.all(browser.contexts().map((context) => context.close()))
  await signaling.close()
})

/** Figures belong in the log of a run; they are no pass mark. */
const report = (line: string): unknown => process.stdout.write(`${line}\n`)

const freshRoom = (): string => `document-${count++}`

const fresh = (browser: Browser): Promise<Page> => freshPage(browser, pages)

function open(page: Page, participant: string, room: string, password?: string) {
  return call(page, 'open', {
    participant,
    room,
    signaling: [signaling.url],
    ...(password === undefined ? {} : { password }),
  })
}

/** Opens one page per participant and waits until everybody sees everybody. */
async function gather(browser: Browser, room: string, participants: readonly string[]): Promise<Page[]> {
  const all = await Promise.all(participants.map(() => fresh(browser)))
  await Promise.all(all.map((page, at) => open(page, participants[at] ?? '', room)))
  await Promise.all(
    all.map((page, at) => {
      const me = participants[at] ?? ''
      return call(
        page,
        'untilSeen',
        me,
        participants.filter((one) => one !== me),
      )
    }),
  )
  return all
}

async function expectLinked(page: Page, me: string, others: readonly string[]): Promise<void> {
  await expect.poll(() => linkPeers(page, me, 'webrtc'), { timeout: 20_000 }).toEqual([...others].sort())
}

test('two contexts see each other’s registers and presence, over signaling and over a data channel', async ({
  browser,
}) => {
  const room = freshRoom()
  const [ann, ben] = (await Promise.all([fresh(browser), fresh(browser)])) as [Page, Page]
  await open(ann, 'ann', room)
  const opened = await open(ben, 'ben', room)
  const seenMs = await call(ben, 'untilSeen', 'ben', ['ann'])
  report(`opened in ${opened.tookMs.toFixed(0)} ms, saw the other after ${seenMs.toFixed(0)} ms more`)
  await call(ann, 'untilSeen', 'ann', ['ben'])
  await expectLinked(ann, 'ann', ['ben'])
  await expectLinked(ben, 'ben', ['ann'])
  await call(ann, 'publish', 'ann')
  await expect.poll(() => call(ben, 'registers', 'ben')).toEqual({ ann: 2, ben: 1 })
  await expect.poll(() => call(ben, 'status', 'ben')).toEqual({ isSyncing: false, hasHeardPeer: true })
  const [voter] = (await call(ann, 'presence', 'ann')).map((one) => one.voter)
  const trips: number[] = []
  for (let round = 0; round < 10; round += 1) trips.push(await call(ann, 'roundTrip', 'ann', voter ?? ''))
  report(`document round trip: median ${trips.sort((a, b) => a - b)[5]?.toFixed(1)} ms`)
  expect(await call(ben, 'uncaught')).toEqual([])
})

test('four contexts form a full mesh and all see every register and every beat', async ({ browser }) => {
  const names = ['ann', 'ben', 'cat', 'dan']
  const all = await gather(browser, freshRoom(), names)
  for (const [at, page] of all.entries())
    await expectLinked(
      page,
      names[at] ?? '',
      names.filter((_, other) => other !== at),
    )
  const [ann, ben] = all as [Page, Page]
  await call(ann, 'beat', 'ann')
  await call(ann, 'beat', 'ann')
  await expect
    .poll(async () => (await call(ben, 'presence', 'ben')).find((one) => one.participant === 'ann')?.beat)
    .toBe(3)
  for (const page of all) expect(await call(page, 'uncaught')).toEqual([])
})

test('with the signaling server dead the document goes on over data channels, and newcomers get in after its restart', async ({
  browser,
}) => {
  const room = freshRoom()
  const [ann, ben] = (await gather(browser, room, ['ann', 'ben'])) as [Page, Page]
  await expectLinked(ann, 'ann', ['ben'])
  await expectLinked(ben, 'ben', ['ann'])
  await signaling.kill()
  await call(ann, 'publish', 'ann')
  await expect.poll(() => call(ben, 'registers', 'ben')).toEqual({ ann: 2, ben: 1 })
  const cat = await fresh(browser)
  await open(cat, 'cat', room)
  await signaling.restart()
  await call(cat, 'untilSeen', 'cat', ['ann', 'ben'])
  await expectLinked(cat, 'cat', ['ann', 'ben'])
  expect(await call(cat, 'registers', 'cat')).toEqual({ ann: 2, ben: 1, cat: 1 })
  expect(await call(ann, 'uncaught')).toEqual([])
})

test('when both ends lose their connection in the same moment, it heals', async ({ browser }) => {
  const [ann, ben] = (await gather(browser, freshRoom(), ['ann', 'ben'])) as [Page, Page]
  for (let round = 0; round < 5; round += 1) {
    await expectLinked(ann, 'ann', ['ben'])
    await expectLinked(ben, 'ben', ['ann'])
    await Promise.all([call(ann, 'breakLinks'), call(ben, 'breakLinks')])
  }
  await expectLinked(ann, 'ann', ['ben'])
  await expectLinked(ben, 'ben', ['ann'])
  await signaling.kill()
  await call(ann, 'publish', 'ann')
  await expect.poll(async () => (await call(ben, 'registers', 'ben')).ann).toBe(2)
  await call(ben, 'publish', 'ben')
  await expect.poll(async () => (await call(ann, 'registers', 'ann')).ben).toBe(2)
})

test('when one end alone loses its connection, it heals', async ({ browser }) => {
  const [ann, ben] = (await gather(browser, freshRoom(), ['ann', 'ben'])) as [Page, Page]
  for (const victim of [ann, ben]) {
    await expectLinked(ann, 'ann', ['ben'])
    await expectLinked(ben, 'ben', ['ann'])
    await call(victim, 'breakLinks')
    await expect.poll(() => call(victim, 'openConnections')).toBe(1)
  }
  await expectLinked(ann, 'ann', ['ben'])
  await expectLinked(ben, 'ben', ['ann'])
})

test('after a refresh the participant is a new voter, linked again, and no half connection stays', async ({
  browser,
}) => {
  const room = freshRoom()
  const [ann, ben] = (await gather(browser, room, ['ann', 'ben'])) as [Page, Page]
  await expectLinked(ann, 'ann', ['ben'])
  await load(ben, pages)
  const { voter } = await open(ben, 'ben', room)
  await expect.poll(() => call(ann, 'voters', 'ann')).toContain(voter)
  await expect.poll(() => call(ben, 'registers', 'ben')).toMatchObject({ ann: 1 })
  await expectLinked(ben, 'ben', ['ann'])
  await signaling.kill()
  await call(ben, 'publish', 'ben')
  await expect.poll(async () => (await call(ann, 'registers', 'ann')).ben).toBe(2)
  expect(await call(ann, 'uncaught')).toEqual([])
})

test('a crashed tab stays listed with its last beat, and its register reaches who comes later', async ({
  browser,
}) => {
  const room = freshRoom()
  const [ann, ben] = (await gather(browser, room, ['ann', 'ben'])) as [Page, Page]
  const session = await ben.context().newCDPSession(ben)
  const crashed = ben.waitForEvent('crash')
  session.send('Page.crash').catch(() => undefined) // The page dies before it can answer.
  await crashed
  const cat = await fresh(browser)
  await open(cat, 'cat', room)
  await call(cat, 'untilSeen', 'cat', ['ann'])
  await expect.poll(() => call(cat, 'registers', 'cat')).toEqual({ ann: 1, ben: 1, cat: 1 })
  const left = (await call(ann, 'presence', 'ann')).find((one) => one.participant === 'ben')
  expect(left).toMatchObject({ hasLeft: false })
  expect(await call(ann, 'uncaught')).toEqual([])
})

test('four participants of one page and one of another see each other over one connection', async ({
  browser,
}) => {
  const room = freshRoom()
  const [grid, eve] = (await Promise.all([fresh(browser), fresh(browser)])) as [Page, Page]
  const names = ['ann', 'ben', 'cat', 'dan']
  await Promise.all(names.map((name) => open(grid, name, room)))
  await open(eve, 'eve', room)
  await call(eve, 'untilSeen', 'eve', names)
  for (const name of names)
    await call(
      grid,
      'untilSeen',
      name,
      [...names, 'eve'].filter((one) => one !== name),
    )
  await expectLinked(eve, 'eve', names)
  expect(await call(grid, 'openConnections')).toBe(1)
  await call(grid, 'close', 'ann')
  await call(grid, 'publish', 'ben')
  await expect.poll(async () => (await call(eve, 'registers', 'eve')).ben).toBe(2)
  const gone = (await call(eve, 'presence', 'eve')).filter((one) => !one.hasLeft).map((one) => one.participant)
  expect(gone.sort()).toEqual(['ben', 'cat', 'dan'])
})

test('closing says goodbye, frees the connection at once and leaves no half connection behind', async ({
  browser,
}) => {
  const [ann, ben] = (await gather(browser, freshRoom(), ['ann', 'ben'])) as [Page, Page]
  await expectLinked(ann, 'ann', ['ben'])
  await expectLinked(ben, 'ben', ['ann'])
  await call(ben, 'close', 'ben')
  await expect.poll(async () => (await call(ann, 'presence', 'ann'))[0]?.hasLeft).toBe(true)
  await expectLinked(ann, 'ann', [])
  await expect.poll(() => call(ann, 'unfinishedConnections')).toBe(0)
  expect(await call(ann, 'uncaught')).toEqual([])
  expect(await call(ben, 'uncaught')).toEqual([])
})

test('a page that is navigated away says goodbye when it calls farewell on pagehide', async ({ browser }) => {
  const [ann, ben] = (await gather(browser, freshRoom(), ['ann', 'ben'])) as [Page, Page]
  await ben.evaluate(() => addEventListener('pagehide', () => window.holdfastTest.farewell('ben')))
  await ben.goto('about:blank')
  await expect.poll(async () => (await call(ann, 'presence', 'ann'))[0]?.hasLeft).toBe(true)
})

test('with a password pages find each other unread by the server and other tabs; another password sees nobody and breaks nothing', async ({
  browser,
}) => {
  const room = freshRoom()
  const [ann, ben, eve] = (await Promise.all([fresh(browser), fresh(browser), fresh(browser)])) as [
    Page,
    Page,
    Page,
  ]
  const frames: string[] = []
  ann.on('websocket', (socket) => {
    const keep = ({ payload }: { payload: string | Buffer }): void => void frames.push(String(payload))
    socket.on('framesent', keep)
    socket.on('framereceived', keep)
  })
  await ann.evaluate(() => {
    BroadcastChannel.prototype.postMessage = () => {
      throw new Error('something was broadcast to other tabs')
    }
  })
  await open(eve, 'eve', room, 'guess')
  await open(ann, 'ann', room, 'secret')
  await open(ben, 'ben', room, 'secret')
  await call(ann, 'untilSeen', 'ann', ['ben'])
  await expectLinked(ann, 'ann', ['ben'])
  await expectLinked(ben, 'ben', ['ann'])
  expect(await call(eve, 'registers', 'eve')).toEqual({ eve: 1 })
  expect(await call(ann, 'registers', 'ann')).toEqual({ ann: 1, ben: 1 })
  for (const page of [ann, ben, eve]) expect(await call(page, 'uncaught')).toEqual([])
  // Offers and candidates of the data channels went over the socket as well; their fields would show them. The
  // quote keeps a secret from being found by chance in what is sealed.
  const sockets = frames.join('\n')
  expect(frames.length).toBeGreaterThan(10)
  for (const secret of ['"ann', '"ben', '"east', '"sdp', '"candidate', btoa('"ann"').slice(0, 6)])
    expect(sockets).not.toContain(secret)
})

test('channel messages reach one participant or everybody, in other pages and in the same one', async ({
  browser,
}) => {
  const room = freshRoom()
  const [ann, ben] = (await gather(browser, room, ['ann', 'ben'])) as [Page, Page]
  await open(ann, 'cat', room)
  await call(ann, 'send', 'ann', 'ben', { n: 1 })
  await call(ann, 'send', 'ann', null, { n: 2 })
  await call(ann, 'send', 'ann', 'cat', { n: 3 })
  await expect
    .poll(() => call(ben, 'heard', 'ben'))
    .toEqual([
      { from: 'ann', message: { n: 1 } },
      { from: 'ann', message: { n: 2 } },
    ])
  await expect
    .poll(() => call(ann, 'heard', 'cat'))
    .toEqual([
      { from: 'ann', message: { n: 2 } },
      { from: 'ann', message: { n: 3 } },
    ])
  expect(await call(ann, 'heard', 'ann')).toEqual([])
})

test('a hop moves presence to the new voter and keeps the abandoned register readable', async ({ browser }) => {
  const [ann, ben] = (await gather(browser, freshRoom(), ['ann', 'ben'])) as [Page, Page]
  const before = (await call(ann, 'presence', 'ann'))[0]?.voter ?? ''
  const after = await call(ben, 'hop', 'ben')
  await call(ben, 'publish', 'ben')
  await expect.poll(async () => (await call(ann, 'presence', 'ann')).map((one) => one.voter)).toEqual([after])
  await expect.poll(async () => (await call(ann, 'voters', 'ann')).includes(after)).toBe(true)
  expect(await call(ann, 'voters', 'ann')).toContain(before)
})
