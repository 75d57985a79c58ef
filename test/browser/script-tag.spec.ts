/** The script-tag file as a page with a strict content security policy loads it. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { expect, type Page, test } from '@playwright/test'

/** What the built files may rely on; a worker from a blob is not among it. */
const STRICT_POLICY = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self' ws:"
const NO_FILE_WORKERS_POLICY = "default-src 'none'; script-src 'self'; worker-src blob:; connect-src 'self' ws:"
const INLINE_POLICY = "default-src 'none'; script-src 'unsafe-inline'; worker-src blob:; connect-src ws:"
const NO_WORKERS_POLICY = "default-src 'none'; script-src 'self'; worker-src 'none'; connect-src 'self' ws:"

const SCRIPT = 'dist/holdfast.iife.min.js'

/** One file is enough: it is its own worker. */
const FILES: Readonly<Record<string, string>> = {
  '/holdfast.iife.min.js': SCRIPT,
}

let address: string
let policy = STRICT_POLICY
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
  response.setHeader('content-security-policy', policy)
  const file = FILES[pathname]
  if (pathname === '/') {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end('<!doctype html><title>page</title><script src="/holdfast.iife.min.js"></script>')
  } else if (pathname === '/inline') {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><title>page</title><script>${await readFile(SCRIPT, 'utf8')}</script>`)
  } else if (file !== undefined && extname(file) === '.js') {
    response.setHeader('content-type', 'text/javascript; charset=utf-8')
    response.end(await readFile(file))
  } else {
    response.statusCode = 404
    response.end()
  }
})

test.beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
test.afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('one file exposes Holdfast under a strict policy, and loading it does nothing', async ({ page }) => {
  policy = STRICT_POLICY
  const complaints = complaintsOf(page)
  const requests: string[] = []
  page.on('request', (request) => requests.push(new URL(request.url()).pathname))
  await page.goto(address)
  const names = await page.evaluate(() => Object.keys((globalThis as unknown as { Holdfast: object }).Holdfast))
  for (const name of ['createCall', 'mesh', 'whip', 'janus', 'isHoldfastError']) expect(names).toContain(name)
  expect(requests.filter((path) => path !== '/favicon.ico')).toEqual(['/', '/holdfast.iife.min.js'])
  expect(complaints).toEqual([])
})

for (const { name, applied, worker, path } of [
  {
    name: "from the script's own file under worker-src 'self'",
    applied: STRICT_POLICY,
    worker: 'url',
    path: '',
  },
  {
    name: "from the script's own text where only blobs are allowed",
    applied: NO_FILE_WORKERS_POLICY,
    worker: 'blob',
    path: '',
  },
  {
    name: "from the script's own text where it stands in the page",
    applied: INLINE_POLICY,
    worker: 'blob',
    path: 'inline',
  },
  {
    name: 'on the main thread where no worker is allowed',
    applied: NO_WORKERS_POLICY,
    worker: 'main',
    path: '',
  },
])
  test(`health runs ${name}`, async ({ page }) => {
    policy = applied
    await page.goto(`${address}${path}`)
    await page.evaluate(() => {
      const { Holdfast } = globalThis as unknown as { Holdfast: typeof import('../../src/script-tag.js') }
      const call = Holdfast.createCall({
        room: 'policy',
        me: { id: 'ada' },
        providers: [Holdfast.mesh()],
        // Nobody listens there: the worker starts with the call, not with its success.
        signaling: ['ws://127.0.0.1:9'],
      })
      Object.assign(globalThis, { call })
      void call.join().catch(() => undefined)
    })
    await expect
      .poll(() =>
        page.evaluate(() => (globalThis as unknown as { call: WorkerHolder }).call.getSnapshot().worker),
      )
      .toBe(worker)
  })

interface WorkerHolder {
  getSnapshot(): { readonly worker: string }
}

function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().includes('favicon'))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return complaints
}
