/** Where Chromium is and how tests start it. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright'

/** Path of the browser to test with: HOLDFAST_CHROMIUM, Playwright's own, else one on PATH. */
export function chromiumPath(): string | undefined {
  const candidates = [process.env.HOLDFAST_CHROMIUM, chromium.executablePath()]
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of ['chromium', 'google-chrome', 'chromium-browser']) candidates.push(join(folder, name))
  return candidates.find((path) => path !== undefined && path !== '' && isExecutable(path))
}

/** Flags for real WebRTC with fake devices on a closed network (no background traffic). */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--headless=new',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
]

/** Whether there is a program to start. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
