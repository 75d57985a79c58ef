import { spawn } from 'node:child_process'
import { expect, test } from '@playwright/test'
import { openTurn } from '../corpus/turn.js'
import { type PageServer, servePages } from '../support/page-server.js'

const PAGE = 'test/support/hands-page.ts'

let pages: PageServer
test.beforeAll(async () => {
  pages = await servePages()
})
test.afterAll(() => pages.close())

test('P57 on real media a key frame is made, the codec changed and a participant received anew', async ({
  page,
}) => {
  await page.goto(pages.page(PAGE))
  await page.waitForFunction(() => window.runHands !== undefined)
  const [before, asked, changed, renewed] = (await page.evaluate(() => window.runHands?.('receiving'))) ?? []
  for (const step of [asked, changed, renewed])
    expect([step?.run, step?.result?.outcome, step?.result?.why]).toEqual([step?.run, 'succeeded', 'flowing'])
  expect(asked?.picture.keyFrames).toBeGreaterThan(before?.picture.keyFrames ?? 0)
  expect(changed?.picture.codec).not.toBe(before?.picture.codec)
  test.info().annotations.push({
    type: 'figure',
    description: [asked, changed, renewed].map((step) => `${step?.run} ${step?.result?.ranMs} ms`).join(', '),
  })
})

test('P57 on real media quality goes down to a smaller picture and comes back', async ({ page }) => {
  await page.goto(pages.page(PAGE))
  await page.waitForFunction(() => window.runHands !== undefined)
  const [before, down, up] = (await page.evaluate(() => window.runHands?.('sending'))) ?? []
  expect(down?.result).toMatchObject({ outcome: 'succeeded', why: 'over' })
  expect(down?.picture.width).toBeLessThanOrEqual((before?.picture.width ?? 0) / 2)
  expect(up?.picture.width).toBe(before?.picture.width)
})

test('a connection that is held to TURN uses nothing else', async ({ page }) => {
  const turn = await openTurn(spawn)
  test.skip(turn === null, 'coturn is not installed (npm run setup)')
  try {
    await page.goto(pages.page(PAGE))
    await page.waitForFunction(() => window.connectRelayed !== undefined)
    const types = await page.evaluate(
      (servers) => window.connectRelayed?.(servers),
      turn?.configuration.iceServers ?? [],
    )
    expect(new Set(types)).toEqual(new Set(['relay']))
  } finally {
    await turn?.close()
  }
})
