import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { isAllowed, isLoopback } from '../../../src/server/loopback.js'

const request = (headers: Record<string, string>): IncomingMessage =>
  ({ headers }) as unknown as IncomingMessage
const onLoopback = { host: '127.0.0.1', allowOrigins: [] }
const host = '127.0.0.1:4444'

describe('access to a development server', () => {
  it('knows what stays on this machine', () => {
    for (const name of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', '::ffff:127.0.0.1'])
      expect(isLoopback(name), name).toBe(true)
    for (const name of ['', 'example.org', '10.0.0.1', '127.example.org', 'localhost.example.org', '128.0.0.1'])
      expect(isLoopback(name), name).toBe(false)
  })

  it('serves loopback pages and programs that are no browsers', () => {
    expect(isAllowed(request({ host }), onLoopback)).toBe(true)
    expect(isAllowed(request({ host, origin: 'http://127.0.0.1:5173' }), onLoopback)).toBe(true)
    expect(isAllowed(request({ host, origin: 'https://localhost' }), onLoopback)).toBe(true)
  })

  it('refuses pages from elsewhere, pages without an origin and malformed origins', () => {
    for (const origin of ['https://example.org', 'http://127.0.0.1.example.org', 'null', 'nonsense'])
      expect(isAllowed(request({ host, origin }), onLoopback), origin).toBe(false)
  })

  it('refuses host names that point here by DNS rebinding', () => {
    expect(isAllowed(request({ host: 'rebound.example.org:4444' }), onLoopback)).toBe(false)
  })

  it('serves the origins it was told to', () => {
    const origins = { host: '127.0.0.1', allowOrigins: ['https://app.example', 'null'] }
    expect(isAllowed(request({ host, origin: 'https://app.example' }), origins)).toBe(true)
    expect(isAllowed(request({ host, origin: 'null' }), origins)).toBe(true)
    expect(isAllowed(request({ host, origin: 'https://other.example' }), origins)).toBe(false)
    const all = { host: '127.0.0.1', allowOrigins: ['*'] }
    expect(isAllowed(request({ host, origin: 'https://other.example' }), all)).toBe(true)
  })

  it('serves everybody when bound to a public address without a list, and only the listed with one', () => {
    const open = request({ host: 'signal.example', origin: 'https://app.example' })
    expect(isAllowed(open, { host: '0.0.0.0', allowOrigins: [] })).toBe(true)
    expect(isAllowed(open, { host: '0.0.0.0', allowOrigins: ['https://other.example'] })).toBe(false)
  })
})
