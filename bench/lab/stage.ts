/** What every scenario of the lab stands on: a network, a signaling server in a host, pages in the others. */
import type { Page } from 'playwright'
import { serverEntry } from '../../test/support/dev.js'
import { type PageServer, servePages } from '../../test/support/page-server.js'
import type { Figure } from '../figure.js'
import { type HostBrowser, type HostProcess, startBrowser, startProcess } from './hosts.js'
import { createNetwork, type Network } from './network.js'

/** One entry of the lab. */
export interface Scenario {
  readonly name: string
  /** Part of the few minutes that every test run spends. */
  readonly isInSubset: boolean
  /** Has a page for each end of each room, and is played alone: forty pages leave two cores nothing to spare. */
  readonly isCrowded: boolean
  run(context: LabContext): Promise<readonly Figure[]>
}

/** What a scenario gets. */
export interface LabContext {
  readonly pages: PageServer
  /** Rooms that share each outage. */
  readonly trials: number
  readonly progress: (line: string) => void
}

/** A network with signaling and one browser in each of the other hosts. */
export interface Stage {
  readonly network: Network
  /** Address of the signaling server. */
  readonly signaling: string
  readonly hosts: readonly string[]
  browser(host: string): HostBrowser
  killSignaling(): void
  startSignaling(): Promise<void>
  close(): Promise<void>
}

/** The host of the signaling server. */
export const SIGNALING_HOST = 'sig'
const SIGNALING_PORT = 4444
/** A port of the bridge forwards a moment after it came up. */
const BRIDGE_SETTLES_MS = 1500

/** Serves what the pages load. */
export const serveLabPages = (): Promise<PageServer> => servePages()

/**
 * Builds a stage; `extra` are hosts without a browser. Pages share processes unless `isShared` is false: the browser
 * counts failed sockets per process.
 */
export async function openStage(
  pages: PageServer,
  hosts: readonly string[],
  extra: readonly string[] = [],
  isShared = true,
): Promise<Stage> {
  const network = createNetwork([SIGNALING_HOST, ...hosts, ...extra])
  const host = network.host(SIGNALING_HOST)
  const entry = await serverEntry()
  let server: HostProcess | null = null
  const start = async (): Promise<void> => {
    server = startProcess(host, [entry, 'signaling', '--host', host.address, '--port', String(SIGNALING_PORT)])
    await server.ready
  }
  await pause(BRIDGE_SETTLES_MS)
  await start()
  const browsers = new Map(
    await Promise.all(
      hosts.map(async (name) => [name, await startBrowser(network.host(name), pages, isShared)] as const),
    ),
  )
  return {
    network,
    hosts,
    signaling: `ws://${host.address}:${SIGNALING_PORT}`,
    browser(name) {
      const found = browsers.get(name)
      if (found === undefined) throw new Error(`no browser in ${name}`)
      return found
    },
    killSignaling: () => server?.kill('SIGKILL'),
    startSignaling: start,
    async close() {
      await Promise.all([...browsers.values()].map((browser) => browser.close()))
      network.close()
    },
  }
}

/** Waits; an outage has a length, and so has the watch after it. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits until something holds. */
export async function until(what: string, holds: () => Promise<boolean>, limitMs = PATIENCE_MS): Promise<void> {
  const endMs = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`)
    await pause(LOOK_EVERY_MS)
  }
}

/** Runs the same thing in several pages. */
export const inAll = <Value>(pages: readonly Page[], task: (page: Page, at: number) => Promise<Value>) =>
  Promise.all(pages.map(task))

/** Forty pages take their time on a busy machine. */
const PATIENCE_MS = 60_000
const LOOK_EVERY_MS = 100
