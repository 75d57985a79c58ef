/** The built demo with real servers behind it, as `npm start` brings it up. */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { DevServers } from '../../src/server/dev.js'
import { startTestDev } from './dev.js'

/** A running demo. */
export interface LiveDemo {
  readonly url: string
  readonly dev: DevServers
  close(): Promise<void>
}

const FOLDER = 'dist-demo'
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
}

/** Builds the demo, starts signaling, two SFUs and a page server. */
export async function startLiveDemo(): Promise<LiveDemo> {
  const built = spawnSync(process.execPath, ['scripts/demo.mjs'], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`The demo does not build: ${built.stderr}`)
  const dev = await startTestDev()
  const config = JSON.stringify({
    signaling: [dev.signalingUrl],
    sfus: dev.sfus.map(({ name, url }) => ({ name, url })),
    control: dev.controlUrl,
  })
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const name = pathname.endsWith('/') ? `${pathname.slice(1)}index.html` : pathname.slice(1)
    const text = name === 'config.json' ? config : await readFile(fileOf(name)).catch(() => null)
    if (text === null || name.includes('..')) response.writeHead(404).end()
    else response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream').end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dev,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await dev.close()
    },
  }
}

/** The paths below which `npm start` serves more than the demo. */
function fileOf(name: string): string {
  if (name.startsWith('dist/')) return name
  return name.startsWith('script-tag/') ? join('examples', name) : join(FOLDER, name)
}
