/** A document above the 256 KiB that a browser sends as one message of a data channel. */
import { expect, type Page, test } from '@playwright/test'
import { call, freshPage, linkPeers } from '../support/document-pages.js'
import { type PageServer, servePages } from '../support/page-server.js'
import { serveSignaling, type TestSignaling } from '../support/signaling.js'

let pages: PageServer
let signaling: TestSignaling

test.beforeAll(async () => {
  pages = await servePages()
  signaling = await serveSignaling()
})
test.afterAll(async () => {
  await pages.close()
  await signaling.close()
})

/** Longest message of a data channel that Chromium and Firefox take. */
const MESSAGE_MAX_BYTES = 256 * 1024

test('a document above 256 KiB reaches others over the data channel alone, in one piece, and small news after it', async ({
  browser,
}) => {
  const open = async (participant: string): Promise<Page> => {
    const page = await freshPage(browser, pages)
    await call(page, 'open', { participant, room: 'large', signaling: [signaling.url], isWritable: true })
    return page
  }
  const [ann, ben] = [await open('ann'), await open('ben')]
  for (const [page, me, other] of [
    [ann, 'ann', 'ben'],
    [ben, 'ben', 'ann'],
  ] as const)
    await expect.poll(() => linkPeers(page, me, 'webrtc'), { timeout: 20_000 }).toEqual([other])
  // From here on there is nothing but the data channel.
  await signaling.kill()
  await call(ann, 'writeLarge', 'ann', 2 * MESSAGE_MAX_BYTES)
  await expect.poll(() => call(ben, 'largeBytes', 'ben')).toBe(2 * MESSAGE_MAX_BYTES)
  const sent = await call(ann, 'sentBytes')
  expect(Math.max(...sent)).toBeLessThan(MESSAGE_MAX_BYTES)
  expect(sent.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(2 * MESSAGE_MAX_BYTES)
  // What came after it is there too, and the channel still answers.
  await call(ann, 'publish', 'ann')
  await expect.poll(() => call(ben, 'registers', 'ben')).toEqual({ ann: 2, ben: 1 })
  expect(await linkPeers(ben, 'ben', 'webrtc')).toEqual(['ann'])
  for (const page of [ann, ben]) expect(await call(page, 'uncaught')).toEqual([])
  expect(await call(ben, 'rejected', 'ben')).toEqual([])
})
