/**
 * Serves the demo's look on fake calls (test/browser/pages/demo-story.tsx), with a control endpoint that only
 * notes what it was asked.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'

/** A running server. */
export interface DemoServer {
  readonly url: string
  /** What the lab's buttons posted, e.g. `east/kill`. */
  readonly posted: string[]
  close(): Promise<void>
}

const STATES: Readonly<Record<string, string>> = {
  kill: 'dead',
  hang: 'hung',
  resume: 'running',
  restart: 'running',
}

/** Starts one. */
export async function serveStory(): Promise<DemoServer> {
  const { outputFiles } = await build({
    entryPoints: { story: 'test/browser/pages/demo-story.tsx', style: 'examples/react-demo/demo.css' },
    bundle: true,
    write: false,
    outdir: 'out',
    format: 'esm',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"development"' },
  })
  const textOf = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? ''
  const sfus = new Map(['east', 'west'].map((name) => [name, 'running']))
  const posted: string[] = []
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const reply = (type: string, body: string): void => {
      response.setHeader('content-type', `${type}; charset=utf-8`)
      response.end(body)
    }
    const [, place, name = '', action = ''] = pathname.split('/')
    if (place === 'sfu' && request.method === 'POST') {
      posted.push(`${name}/${action}`)
      sfus.set(name, STATES[action] ?? 'unknown')
    }
    if (place === 'sfu' || place === 'status')
      return reply(
        'application/json',
        JSON.stringify({ sfus: [...sfus].map(([id, state]) => ({ name: id, state })) }),
      )
    if (pathname === '/story.js') return reply('text/javascript', textOf('story.js'))
    if (pathname === '/style.css') return reply('text/css', textOf('style.css'))
    if (pathname === '/config.json') return reply('application/json', JSON.stringify({ control: url }))
    return reply(
      'text/html',
      '<!doctype html><html lang="en"><head><title>Holdfast call</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head><body><div id="root"></div><script type="module" src="/story.js"></script></body></html>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    posted,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
