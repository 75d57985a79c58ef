/** Serves TypeScript entries as pages on a random loopback port, bundled on the first request. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'

const WORKER_ENTRY = 'src/worker/worker.ts'

/** A running page server. */
export interface PageServer {
  readonly url: string
  /** Address of the page that loads this entry (path from the project's root). */
  page(entry: string): string
  close(): Promise<void>
}

/** Starts one; modules are bundled by esbuild from source, so tests need no build step. */
export async function servePages(): Promise<PageServer> {
  const bundles = new Map<string, Promise<string>>()
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const entry = url.searchParams.get('entry') ?? ''
    try {
      if (url.pathname === '/page') {
        response.setHeader('content-type', 'text/html; charset=utf-8')
        response.end(
          `<!doctype html><title>test</title><link rel="icon" href="data:,"><body><script type="module" src="/bundle.js?entry=${encodeURIComponent(entry)}"></script>`,
        )
      } else if (url.pathname === '/health-worker.js') {
        // Where the package's own URL for the worker leads, seen from the bundle.
        const bundle = bundles.get(WORKER_ENTRY) ?? bundleOf(WORKER_ENTRY)
        bundles.set(WORKER_ENTRY, bundle)
        response.setHeader('content-type', 'text/javascript; charset=utf-8')
        response.end(await bundle)
      } else if (url.pathname === '/bundle.js') {
        const bundle = bundles.get(entry) ?? bundleOf(entry)
        bundles.set(entry, bundle)
        response.setHeader('content-type', 'text/javascript; charset=utf-8')
        response.end(await bundle)
      } else {
        response.statusCode = 404
        response.end()
      }
    } catch (error) {
      response.statusCode = 500
      response.end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    page: (entry) => `${url}/page?entry=${encodeURIComponent(entry)}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function bundleOf(entry: string): Promise<string> {
  if (!/^(src|test|bench|examples)\/[\w./-]+\.tsx?$/.test(entry)) throw new Error(`no such entry: ${entry}`)
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    // Pages may import for effect; the package's own `sideEffects` speaks of the sources only.
    ignoreAnnotations: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    sourcemap: 'inline',
    define: { 'process.env.NODE_ENV': '"development"' },
  })
  return result.outputFiles[0]?.text ?? ''
}
