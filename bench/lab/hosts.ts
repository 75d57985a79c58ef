/** Programs inside the lab's hosts: one Chromium each, and Node processes; killed with their host. */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright'
import { CHROMIUM_FLAGS, chromiumPath } from '../../test/support/chromium.js'
import type { PageServer } from '../../test/support/page-server.js'
import { temporaryFolder } from './folders.js'
import type { Host } from './network.js'

/** A Chromium in a host. */
export interface HostBrowser {
  /** A page that has loaded this entry (path from the project's root). */
  open(entry: string): Promise<Page>
  close(): Promise<void>
}

/** Starts Chromium in a host; its pages come from `pages` over the debugging pipe, never over the network. */
export async function startBrowser(host: Host, pages: PageServer, isShared = true): Promise<HostBrowser> {
  const folder = temporaryFolder()
  const executablePath = join(folder, 'chromium')
  const path = chromiumPath()
  if (path === undefined) throw new Error('no Chromium found')
  writeFileSync(executablePath, `#!/bin/sh\nexec ip netns exec ${host.namespace} ${path} "$@"\n`, {
    mode: 0o755,
  })
  const browser = await chromium.launch({
    executablePath,
    args: flags(isShared),
  })
  const context = await contextOf(browser, pages)
  return {
    async open(entry) {
      const page = await context.newPage()
      await page.goto(pages.page(entry))
      return page
    },
    close: () => browser.close(),
  }
}

/** A Node process in a host. */
export interface HostProcess {
  /** The first line that it printed. */
  readonly ready: Promise<string>
  kill(signal: NodeJS.Signals): void
}

/** Runs a Node program in a host. */
export function startProcess(host: Host, parameters: readonly string[]): HostProcess {
  const child: ChildProcess = spawn('ip', ['netns', 'exec', host.namespace, process.execPath, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (text) => resolve(String(text).split('\n')[0] ?? ''))
    child.once('exit', (code) => reject(new Error(`${parameters[0]} ended with ${code}`)))
  })
  // Whoever does not wait for it hears of the end some other way.
  ready.catch(() => undefined)
  return { ready, kill: (signal) => child.kill(signal) }
}

async function contextOf(browser: Browser, pages: PageServer) {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
  await context.route(`${pages.url}/**`, async (route) => {
    const response = await fetch(route.request().url())
    await route.fulfill({
      status: response.status,
      headers: { 'content-type': response.headers.get('content-type') ?? 'text/plain' },
      body: Buffer.from(await response.arrayBuffer()),
    })
  })
  return context
}

function flags(isShared: boolean): string[] {
  const off = CHROMIUM_FLAGS.filter((flag) => flag.startsWith(DISABLE)).map((flag) =>
    flag.slice(DISABLE.length),
  )
  return [
    ...CHROMIUM_FLAGS.filter((flag) => !flag.startsWith(DISABLE)),
    // Pages that did not come over the network may not reach private addresses otherwise.
    `${DISABLE}${[...off, 'LocalNetworkAccessChecks', 'LocalNetworkAccessChecksWebSockets'].join()}`,
    // Twenty pages of one origin share two processes: a machine of two cores has no room for forty.
    ...(isShared ? ['--renderer-process-limit=2'] : []),
  ]
}

/** The browser heeds only the last of several such flags. */
const DISABLE = '--disable-features='
