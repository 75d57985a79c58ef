/** The demo's look and manners on fake calls: accessible, announced, usable on a phone. */
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { type DemoServer, serveStory } from '../support/demo-server.js'
import type { Scene } from '../support/story-call.js'

const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }

let server: DemoServer
test.beforeAll(async () => {
  server = await serveStory()
})
test.afterAll(() => server.close())

test('the lobby is free of accessibility violations, wide and narrow', async ({ page }) => {
  for (const size of [DESKTOP, PHONE]) {
    await page.setViewportSize(size)
    await page.goto(`${server.url}/?fake=1`)
    await expect(page.getByRole('button', { name: 'Join' })).toBeEnabled()
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)
    await shoot(page, `lobby-${size.width}`)
  }
})

test('the lobby is left by keyboard alone', async ({ page }) => {
  await page.goto(`${server.url}/?fake=1`)
  await expect(page.getByRole('button', { name: 'Join' })).toBeEnabled()
  await page.keyboard.press('Tab')
  await page.keyboard.type('Dan')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('status')).toHaveText('Everybody is on east.')
  await expect(page.getByText('Dan (you)')).toBeVisible()
})

for (const size of [DESKTOP, PHONE])
  test(`every scene of a kill is accessible and fits ${size.width} pixels`, async ({ page }) => {
    await page.setViewportSize(size)
    await joinStory(page)
    for (const scene of ['before', 'during', 'after', 'lost'] as const) {
      await play(page, scene)
      await expectAccessible(page)
      await expectNoSidewaysScroll(page)
      await shoot(page, `call-${scene}-${size.width}`)
    }
  })

test('four participants share one page, accessible and without sideways scroll', async ({ page }) => {
  for (const size of [DESKTOP, PHONE]) {
    await page.setViewportSize(size)
    await page.goto(`${server.url}/?grid=4`)
    await expect(page.getByRole('heading', { name: 'Dan' })).toBeVisible()
    await expect(page.locator('[data-participant] .pill[data-state="live"]')).toHaveCount(4)
    await play(page, 'during')
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)
    await shoot(page, `grid-${size.width}`)
  }
})

test('the live region announces the switch, and there is only one', async ({ page }) => {
  await joinStory(page)
  const region = page.getByRole('status')
  await expect(region).toHaveCount(1)
  await expect(region).toHaveAttribute('aria-live', 'polite')
  await expect(region).toHaveText('Everybody is on east.')
  await play(page, 'during')
  await expect(region).toHaveText('Switching to west.')
  await play(page, 'after')
  await expect(region).toHaveText('Everybody is on west.')
})

test('no video element is replaced or bound again by a switch', async ({ page }) => {
  await joinStory(page)
  await page.evaluate(() => {
    const videos = [...document.querySelectorAll<HTMLVideoElement>('[data-peer] video')]
    Object.assign(window, { before: videos.map((video) => [video, video.srcObject] as const) })
  })
  await play(page, 'during')
  await play(page, 'after')
  const isUntouched = await page.evaluate(() => {
    const { before } = window as unknown as { before: (readonly [HTMLVideoElement, MediaStream])[] }
    return (
      before.length === 3 && before.every(([video, stream]) => video.isConnected && video.srcObject === stream)
    )
  })
  expect(isUntouched).toBe(true)
})

test('the buttons ask the call and the control endpoint for what they say', async ({ page }) => {
  await joinStory(page)
  await page.getByRole('button', { name: 'Mute', exact: true }).click()
  await page.getByRole('button', { name: 'Stop video' }).click()
  await page.getByRole('button', { name: 'Move here to west' }).click()
  await page.getByRole('button', { name: 'Kill east' }).click()
  await page.getByRole('button', { name: 'Revive east' }).click()
  await page.getByRole('button', { name: 'Hang west' }).click()
  await page.getByRole('button', { name: 'Revive west' }).click()
  await expect(page.getByRole('button', { name: 'Hang west' })).toBeEnabled()
  expect(server.posted).toEqual(['east/kill', 'east/restart', 'west/hang', 'west/resume'])
  const asked = await page.evaluate(() => window.story.calls[0]?.asked.filter((what) => what !== 'publish'))
  expect(asked).toEqual(['join', 'setMuted microphone true', 'setMuted camera true', 'switchTo west'])
  await page.getByRole('button', { name: 'Leave' }).click()
  await expect(page.getByRole('heading', { name: 'Join the call' })).toBeVisible()
  await expect(page.getByText('You left the call.')).toBeVisible()
})

test('nothing moves for people who asked for less motion', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await joinStory(page)
  await play(page, 'during')
  const moving = await page.evaluate(() => document.getAnimations().length)
  expect(moving).toBe(0)
})

async function joinStory(page: Page): Promise<void> {
  await page.goto(`${server.url}/?auto=1&fake=1&quiet=1&name=Dan&room=daily`)
  await expect(page.getByRole('status')).toHaveText('Everybody is on east.')
}

async function play(page: Page, scene: Scene): Promise<void> {
  await page.evaluate((next) => window.story.play(next), scene)
}

async function expectAccessible(page: Page): Promise<void> {
  // A colour on its way between two states is nobody's contrast.
  await page.evaluate(() => {
    for (const animation of document.getAnimations())
      if (animation.effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY) animation.cancel()
      else animation.finish()
  })
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(', ')}`)).toEqual([])
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const spill = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect(spill).toBeLessThanOrEqual(0)
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video')].every((video) => video.readyState >= 2),
  )
  await page.screenshot({ path: test.info().outputPath(`${name}.png`), fullPage: name.endsWith('390') })
}
