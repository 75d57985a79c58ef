/**
 * The voter of a page over refreshes, second tabs and crashes, in a real browser with real storage: P25. Pages of
 * one context share IndexedDB, as tabs of one person do.
 */
import { type Browser, type BrowserContext, expect, type Page, test } from '@playwright/test'
import type { DevServers } from '../../src/server/dev.js'
import { startTestDev } from '../support/dev.js'
import { call, freshPage, load } from '../support/document-pages.js'
import { measured, type Rig, tabsOf } from '../support/failover-rig.js'
import { type PageServer, servePages } from '../support/page-server.js'
import {
  agreedOn,
  mediaFlows,
  nothingBroke,
  reloadTab,
  snapshotOf,
  startTab,
  type Tab,
} from '../support/tabs.js'

let pages: PageServer
let dev: DevServers
let rooms = 0

test.beforeAll(async () => {
  pages = await servePages()
  dev = await startTestDev()
})
test.afterAll(async () => {
  await dev?.close()
  await pages?.close()
})
test.afterEach(async ({ browser }) => {
  await Promise.all(browser.contexts().map((context) => context.close()))
})

const freshRoom = (): string => `seat-${process.pid}-${rooms++}`
const open = (page: Page, participant: string, room: string) =>
  call(page, 'open', { participant, room, signaling: [dev.signalingUrl], keepSeat: true })

/** Calls on the embedded servers, which nobody harms here. */
function rigOf(): Rig {
  const urlOf = (id: string): string => dev.sfus.find((sfu) => sfu.name === id)?.url ?? ''
  const nothing = async (): Promise<void> => undefined
  return {
    ...{ kind: 'whip', pages, signaling: [dev.signalingUrl] },
    first: { kind: 'whip', id: 'east', url: urlOf('east') },
    second: { kind: 'whip', id: 'west', url: urlOf('west') },
    ...{ kill: nothing, hang: nothing, heal: nothing },
    freshRoom() {},
  }
}

async function secondTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await load(page, pages)
  return page
}

/** A page can leave its seat once its key has reached the disk, a moment after it has joined. */
async function untilKeyIsStored(page: Page, participant: string, room: string, voter: string): Promise<void> {
  const storedVoter = (key: string): Promise<string | null> =>
    page.evaluate(async (key) => {
      // Asking for a database that is not there yet would make it, and empty.
      const names = (await indexedDB.databases()).map(({ name }) => name)
      if (!names.includes('holdfast-seats')) return null
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open('holdfast-seats')
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
      })
      const found = await new Promise<{ pair: CryptoKeyPair } | undefined>((resolve, reject) => {
        const asking = database.transaction('seats').objectStore('seats').get(key)
        asking.onsuccess = () => resolve(asking.result)
        asking.onerror = () => reject(asking.error)
      })
      database.close()
      if (found === undefined) return null
      const raw = await crypto.subtle.exportKey('raw', found.pair.publicKey)
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', raw))
      return btoa(String.fromCharCode(...digest.slice(0, 16)))
    }, key)
  const base64 = `${voter.replaceAll('-', '+').replaceAll('_', '/')}==`
  await expect.poll(() => storedVoter(JSON.stringify([room, participant]))).toBe(base64)
}

/** Ann in a context of her own, with Ben watching. */
async function annAndBen(browser: Browser) {
  const room = freshRoom()
  const [ann, ben] = await Promise.all([freshPage(browser, pages), freshPage(browser, pages)])
  const opened = await open(ann, 'ann', room)
  await open(ben, 'ben', room)
  await call(ben, 'untilSeen', 'ben', ['ann'])
  return { room, ann, ben, voter: opened.voter }
}

test('P25 a refreshed page is the same voter and goes on after its last register', async ({ browser }) => {
  const { room, ann, ben, voter } = await annAndBen(browser)
  for (let refresh = 1; refresh <= 3; refresh += 1) {
    const seq = await call(ann, 'publish', 'ann')
    await untilKeyIsStored(ann, 'ann', room, voter)
    await ann.reload()
    await ann.waitForFunction(() => window.holdfastTest !== undefined)
    const again = await open(ann, 'ann', room)
    expect(again.voter).toBe(voter)
    expect(again.keptSeq).toBe(seq)
    await expect.poll(async () => (await call(ben, 'registers', 'ben')).ann).toBe(seq + 1)
    await expect
      .poll(async () => (await call(ben, 'presence', 'ben')).map((one) => [one.participant, one.hasLeft]))
      .toEqual([['ann', false]])
  }
  expect(await call(ben, 'rejected', 'ben')).toEqual([])
})

test('P25 a second tab of the same person is another voter, and so is the page after a crash', async ({
  browser,
}) => {
  const { room, ann, voter } = await annAndBen(browser)
  const second = await secondTab(ann.context())
  const other = await open(second, 'ann', room)
  expect(other.voter).not.toBe(voter)
  // Each refreshes in its turn and each keeps its own.
  await untilKeyIsStored(second, 'ann', room, other.voter)
  await second.reload()
  await second.waitForFunction(() => window.holdfastTest !== undefined)
  expect((await open(second, 'ann', room)).voter).toBe(other.voter)
  await second.close()
  const crashed = ann.waitForEvent('crash')
  const cdp = await ann.context().newCDPSession(ann)
  void cdp.send('Page.crash').catch(() => undefined)
  await crashed
  // The closed tab has left its seat, which a fresh page may have; what it takes is never the crashed one's.
  const next = await open(await secondTab(ann.context()), 'ann', room)
  expect(next.voter).not.toBe(voter)
  expect((await open(await secondTab(ann.context()), 'ann', room)).voter).not.toBe(next.voter)
})

test('P25 wiped storage makes a new voter', async ({ browser }) => {
  const { room, ann, voter } = await annAndBen(browser)
  await ann.goto('about:blank')
  const cdp = await ann.context().newCDPSession(ann)
  await cdp.send('Storage.clearDataForOrigin', { origin: new URL(pages.url).origin, storageTypes: 'indexeddb' })
  await load(ann, pages)
  expect((await open(ann, 'ann', room)).voter).not.toBe(voter)
})

test('P25 a refresh in mid-call keeps the seat: no new record, nobody is missed, media is back', async ({
  browser,
}) => {
  test.setTimeout(120_000)
  const tabs = tabsOf(rigOf(), browser)
  const [ana, bob, cleo] = (await tabs.join(['ana', 'bob', 'cleo'])) as [Tab, Tab, Tab]
  const all = [ana, bob, cleo]
  await agreedOn(all, null)
  await mediaFlows(all)
  await expect.poll(async () => (await snapshotOf(bob)).agreement.committee.length).toBe(3)
  const [before] = await agreedOn(all, null)
  const senior = all.find(({ id }) => id === before?.agreement.committee[0]) ?? ana
  const [watcher = bob] = all.filter((tab) => tab !== senior)
  for (let refresh = 0; refresh < 3; refresh += 1) {
    const startedAtMs = Date.now()
    await reloadTab(senior)
    const loadedAtMs = Date.now()
    await startTab(senior)
    const line = `refresh ${refresh}: joined ${Date.now() - startedAtMs} ms after the reload began, ${Date.now() - loadedAtMs} ms after the page was there`
    measured(line)
    process.stdout.write(`${line}\n`)
    const [after] = await agreedOn(all, before?.provider ?? null)
    expect(after?.agreement).toMatchObject({
      lineage: before?.agreement.lineage,
      epoch: before?.agreement.epoch,
      committee: before?.agreement.committee,
    })
    await mediaFlows(all)
  }
  const told = await watcher.page.evaluate(() => window.rig.moments())
  expect(told.filter(({ name }) => name === 'peer-left')).toEqual([])
  await nothingBroke(all)
  await tabs.close()
})

test('P03 R12 of two the senior is gone: the other goes on within 3 s, says so, and stands by itself when the tab was closed', async ({
  browser,
}) => {
  test.setTimeout(120_000)
  for (const how of ['crashed', 'closed'] as const) {
    const tabs = tabsOf(rigOf(), browser)
    const pair = (await tabs.join(['ana', 'bob'])) as [Tab, Tab]
    await expect.poll(async () => (await snapshotOf(pair[1])).agreement.committee.length).toBe(2)
    await mediaFlows(pair)
    const { committee } = (await snapshotOf(pair[1])).agreement
    const first = pair.find(({ id }) => id === committee[0]) ?? pair[0]
    const other = pair.find((tab) => tab !== first) as Tab
    // The goodbye of a closing page is signed ahead, a second after its last word.
    await first.page.waitForFunction((since) => performance.now() > since + 1500, await now(first))
    const goneAtMs = await now(other)
    if (how === 'closed') await first.page.close({ runBeforeUnload: false })
    else await crash(first)
    await expect
      .poll(async () => (await snapshotOf(other)).agreement.status, { intervals: [50] })
      .toBe('provisional')
    const line = `${how}: provisional ${Math.round((await now(other)) - goneAtMs)} ms after the senior was gone`
    measured(line)
    process.stdout.write(`${line}\n`)
    if (how === 'closed')
      await expect
        .poll(async () => (await snapshotOf(other)).agreement.status, { timeout: 15_000 })
        .toBe('committed')
    await tabs.close()
  }
})

const now = (tab: Tab): Promise<number> => tab.page.evaluate(() => performance.now())

async function crash(tab: Tab): Promise<void> {
  const crashed = tab.page.waitForEvent('crash')
  const cdp = await tab.page.context().newCDPSession(tab.page)
  void cdp.send('Page.crash').catch(() => undefined)
  await crashed
}
