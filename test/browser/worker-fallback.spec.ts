import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@playwright/test'
import { build } from 'esbuild'
import type { WorkerPage } from './worker-page.js'

declare const workerPage: WorkerPage

let server: Server
let origin = ''
let classicWorker = ''

async function bundle(entry: string, format: 'esm' | 'iife'): Promise<string> {
  const result = await build({ entryPoints: [entry], bundle: true, write: false, format, target: 'es2022' })
  return result.outputFiles[0]?.text ?? ''
}

test.beforeAll(async () => {
  const page = await bundle('test/browser/worker-page.ts', 'esm')
  const moduleWorker = await bundle('src/worker/worker.ts', 'esm')
  classicWorker = await bundle('src/worker/worker.ts', 'iife')
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const script = {
      '/page.js': page,
      '/health-worker.js': moduleWorker,
      '/broken.js': 'throw new Error("no")',
    }[url.pathname]
    if (script !== undefined) {
      response.setHeader('content-type', 'text/javascript')
      response.end(script)
    } else if (url.pathname === '/silent.js') {
      response.setHeader('content-type', 'text/javascript')
      response.end('// answers nothing')
    } else if (url.pathname === '/') {
      const policy = url.searchParams.get('csp')
      if (policy) response.setHeader('content-security-policy', policy)
      response.setHeader('content-type', 'text/html')
      response.end(
        '<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="/page.js"></script>',
      )
    } else {
      response.statusCode = 404
      response.end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
test.afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())))

type Row = readonly [title: string, csp: string, workerUrl: string, hasSource: boolean, kind: string]
const TABLE: readonly Row[] = [
  ['no policy', '', '/health-worker.js', true, 'url'],
  [
    'a policy that allows own workers',
    "script-src 'self'; worker-src 'self'",
    '/health-worker.js',
    true,
    'url',
  ],
  ['a policy that allows blobs only', "script-src 'self'; worker-src blob:", '/health-worker.js', true, 'blob'],
  ['a policy without workers', "script-src 'self'; worker-src 'none'", '/health-worker.js', true, 'main'],
  ['a worker on another origin', '', 'http://localhost:1/health-worker.js', true, 'blob'],
  ['a missing file', '', '/missing.js', true, 'blob'],
  ['a missing file and no inlined text', '', '/missing.js', false, 'main'],
  ['a worker that throws', '', '/broken.js', true, 'blob'],
  ['a worker that never answers', '', '/silent.js', true, 'blob'],
]

for (const [title, csp, workerUrl, hasSource, kind] of TABLE)
  test(`the worker runs as ${kind} with ${title}`, async ({ page }) => {
    await page.goto(`${origin}/?csp=${encodeURIComponent(csp)}`)
    await page.waitForFunction(() => 'workerPage' in globalThis)
    const started = await page.evaluate(([url, source]) => workerPage.start(url, source), [
      workerUrl,
      hasSource ? classicWorker : '',
    ] as const)
    expect(started.kind).toBe(kind)
    expect(started.nextTickMs).toBe(250)
    expect(started.fallbacks).toHaveLength({ url: 0, blob: 1, main: hasSource ? 2 : 1 }[kind] ?? 0)
  })

test('a sample says what it cost the page and dates the last packet', async ({ page }) => {
  await page.goto(`${origin}/`)
  await page.waitForFunction(() => 'workerPage' in globalThis)
  const { costs, ages, pulseAges, pulseCosts } = await page.evaluate(() => workerPage.measure(3))
  const median = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
  process.stdout.write(
    `\nsample: p50 ${median(costs).toFixed(3)} ms per peer (${costs.length} samples of 3 peers); ` +
      `pulse p50 ${median(pulseCosts).toFixed(3)} ms; last packet by stats ${median(ages).toFixed(0)} ms ago, ` +
      `by pulse ${median(pulseAges).toFixed(0)} ms ago\n`,
  )
  // How much it may cost is a row of `npm run bench -- failover`: a busy machine must not fail a test.
  expect(costs.length).toBeGreaterThan(5)
  expect(costs.every((ms) => ms >= 0)).toBe(true)
  expect(median(ages)).toBeLessThan(250)
  expect(median(pulseAges)).toBeLessThan(250)
})
