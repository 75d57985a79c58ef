/**
 * The few HTTP habits that the SFU and the control endpoint share: CORS on every answer, errors as plain text
 * with a reason, bodies with a limit, and a close that does not wait for idle connections.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AccessPolicy, isAllowed } from './loopback.js'

/** An answer other than success; thrown by handlers, turned into a plain-text reply. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    reason: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(reason)
  }
}

/** Answers one request; what it throws becomes the reply. */
export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> | void

/** A server that listens. */
export interface Listening {
  readonly server: Server
  readonly port: number
  close(): Promise<void>
}

/** Seconds a browser may remember a preflight; Chromium cuts everything to two hours. */
const PREFLIGHT_MAX_AGE_S = 7_200

/** Starts an HTTP server with access control, CORS and error replies around the handler. */
export async function listen(port: number, policy: AccessPolicy, handler: Handler): Promise<Listening> {
  const server = createServer((request, response) => {
    void answer(request, response, policy, handler)
  })
  // A subscription request right after a publication must not find its reused connection just closed.
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, policy.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Reads a body as text; refuses one above the limit before it is in memory. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  // Leaving the loop must not destroy the socket: the reason is still to be sent over it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Replies with JSON. */
export function replyJson(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.setHeader('cache-control', 'no-store')
  response.end(JSON.stringify(body))
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  policy: AccessPolicy,
  handler: Handler,
): Promise<void> {
  try {
    if (!isAllowed(request, policy)) throw new Refusal(403, 'This page or host name may not use this server.')
    allowOrigin(request, response)
    if (request.method === 'OPTIONS') {
      preflight(response)
      return
    }
    await handler(request, response, new URL(request.url ?? '/', 'http://localhost'))
  } catch (error) {
    refuse(response, error)
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, `The body is larger than ${maxBytes} bytes.`, { connection: 'close' })
}

function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('vary', 'origin')
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
  response.setHeader('access-control-expose-headers', 'Location, Link, ETag, Retry-After')
}

function preflight(response: ServerResponse): void {
  response.statusCode = 204
  response.setHeader('access-control-allow-methods', 'GET, POST, PATCH, DELETE, OPTIONS')
  response.setHeader('access-control-allow-headers', 'Content-Type, Authorization, If-Match')
  response.setHeader('access-control-max-age', String(PREFLIGHT_MAX_AGE_S))
  // RFC 9725 section 4.2: tells a client what may be posted here.
  response.setHeader('accept-post', 'application/sdp')
  response.end()
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const refusal = error instanceof Refusal ? error : new Refusal(500, 'The server failed on its side.')
  response.statusCode = refusal.status
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value)
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(`${refusal.message}\n`)
}
