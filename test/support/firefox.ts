/** Where Firefox is and how tests start it: real WebRTC with fake devices, nothing that leaves the machine. */
import { delimiter, join } from 'node:path'
import puppeteer, { type Browser } from 'puppeteer-core'
import { isExecutable } from './chromium.js'

/** Path of the Firefox to test with: HOLDFAST_FIREFOX, else one on PATH. */
export function firefoxPath(): string | undefined {
  const candidates = [process.env.HOLDFAST_FIREFOX ?? '']
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of ['firefox-esr', 'firefox']) candidates.push(join(folder, name))
  return candidates.find((path) => path !== '' && isExecutable(path))
}

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.autoplay.block-webaudio': false,
  // Without it a server on loopback is never answered.
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'app.normandy.enabled': false,
}

/** Starts it; rejects where there is none. */
export function launchFirefox(): Promise<Browser> {
  const executablePath = firefoxPath()
  if (executablePath === undefined) return Promise.reject(new Error('no Firefox: install firefox-esr'))
  return puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    extraPrefsFirefox: PREFERENCES,
  })
}
