/**
 * Makes the dump of chrome://webrtc-internals that tests read: a short call within one page, whose other end is closed
 * in the middle. Everything but the statistics is left out, and of these all that names a host, a key or a page.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { chromium, type Page } from 'playwright'
import { CHROMIUM_FLAGS, chromiumPath } from '../support/chromium.js'
import { servePages } from '../support/page-server.js'

/** Where it is kept, compressed as Chromium writes it. */
export const DUMP_FILE = 'test/fixtures/webrtc-internals.json.gz'

const PAGE = 'test/support/call-page.ts'
const HEALTHY_MS = 10_000
const DEAD_MS = 6_000
const SECRET_TYPES: ReadonlySet<unknown> = new Set(['certificate'])
const SECRET_FIELDS =
  /-(address|ip|port|relatedAddress|relatedPort|url|usernameFragment|iceLocalUsernameFragment|foundation|sdpFmtpLine|trackIdentifier|networkType)$/

/** Records, redacts and writes it. */
export async function recordDump(): Promise<void> {
  const pages = await servePages()
  const executablePath = chromiumPath()
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [...CHROMIUM_FLAGS],
  })
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-dump-'))
  try {
    const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
    const watcher = await context.newPage()
    await watcher.goto('chrome://webrtc-internals')
    const page = await context.newPage()
    await page.goto(pages.page(PAGE))
    await page.evaluate(call, [HEALTHY_MS, DEAD_MS] as const)
    const text = await downloaded(watcher, join(folder, 'dump'))
    await writeFile(DUMP_FILE, gzipSync(redacted(text), { level: 9 }))
  } finally {
    await browser.close()
    await pages.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function downloaded(watcher: Page, path: string): Promise<string> {
  const download = watcher.waitForEvent('download')
  await watcher.bringToFront()
  await watcher.evaluate(() => {
    for (const one of document.querySelectorAll('details')) one.open = true
    const buttons = [...document.querySelectorAll('button')]
    buttons.find(({ textContent }) => /webrtc-internals dump/i.test(textContent ?? ''))?.click()
  })
  await (await download).saveAs(path)
  const bytes = await readFile(path)
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8')
}

function redacted(text: string): string {
  const { PeerConnections }: { PeerConnections: Record<string, { stats: Record<string, Series> }> } =
    JSON.parse(text)
  const kept = Object.entries(PeerConnections).map(([pc, { stats }]) => [
    pc,
    { stats: Object.fromEntries(Object.entries(stats).filter(isHarmless)) },
  ])
  return JSON.stringify({ PeerConnections: Object.fromEntries(kept) })
}

interface Series {
  readonly statsType: string
}

function isHarmless([name, { statsType }]: [string, Series]): boolean {
  return !SECRET_TYPES.has(statsType) && !SECRET_FIELDS.test(name)
}

/** Runs in the page. */
async function call([healthyMs, deadMs]: readonly [number, number]): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 160, height: 120 } })
  const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()]
  one.onicecandidate = ({ candidate }) => void other.addIceCandidate(candidate ?? undefined)
  other.onicecandidate = ({ candidate }) => void one.addIceCandidate(candidate ?? undefined)
  for (const track of stream.getTracks()) one.addTrack(track, stream)
  await one.setLocalDescription()
  await other.setRemoteDescription(one.localDescription ?? { type: 'offer' })
  for (const track of stream.getTracks()) other.addTrack(track.clone(), stream)
  await other.setLocalDescription()
  await one.setRemoteDescription(other.localDescription ?? { type: 'answer' })
  await new Promise((resolve) => setTimeout(resolve, healthyMs))
  one.close()
  await new Promise((resolve) => setTimeout(resolve, deadMs))
}
