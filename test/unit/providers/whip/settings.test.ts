import { afterEach, describe, expect, it, vi } from 'vitest'
import { whipSettings } from '../../../../src/providers/whip/settings.js'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0'
const CHROMIUM =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'

afterEach(() => void vi.unstubAllGlobals())

const isTrickling = (userAgent: string, options: Partial<Parameters<typeof whipSettings>[0]>): boolean => {
  vi.stubGlobal('navigator', { userAgent })
  return whipSettings({ id: 'east', ...options }).isTrickling
}

describe('settings of the WHIP adapter', () => {
  it('wait for candidates in Firefox alone, and for a server on loopback alone', () => {
    expect(isTrickling(FIREFOX, { url: 'http://127.0.0.1:8080' })).toBe(false)
    expect(isTrickling(FIREFOX, { url: 'http://localhost:8080' })).toBe(false)
    expect(isTrickling(FIREFOX, { url: 'https://sfu.example.org' })).toBe(true)
    expect(isTrickling(CHROMIUM, { url: 'http://127.0.0.1:8080' })).toBe(true)
  })

  it('do as the app says, and need no browser', () => {
    expect(isTrickling(FIREFOX, { url: 'http://127.0.0.1:8080', trickle: true })).toBe(true)
    expect(isTrickling(CHROMIUM, { url: 'https://sfu.example.org', trickle: false })).toBe(false)
    vi.stubGlobal('navigator', undefined)
    expect(whipSettings({ id: 'east', url: 'http://localhost:1' }).isTrickling).toBe(true)
  })
})
