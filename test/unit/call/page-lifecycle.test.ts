import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listenToPage } from '../../../src/call/page-lifecycle.js'

const told: string[] = []
const listeners = {
  onWake: () => told.push('wake'),
  onFarewell: () => told.push('farewell'),
  onChange: () => told.push('change'),
}

afterEach(() => {
  told.length = 0
  vi.unstubAllGlobals()
})

it('listens to nothing where there is no page', () => {
  expect(() => listenToPage(listeners)()).not.toThrow()
})

describe('on a page', () => {
  const page = (type: string, isPersisted = false) => Object.assign(new Event(type), { persisted: isPersisted })

  beforeEach(() => {
    vi.stubGlobal('window', new EventTarget())
    vi.stubGlobal('document', new EventTarget())
  })

  it('says goodbye when the page goes away for good', () => {
    listenToPage(listeners)
    window.dispatchEvent(page('pagehide'))
    expect(told).toEqual(['farewell'])
  })

  it('a page that the browser keeps has not left; it wakes when it is shown again', () => {
    listenToPage(listeners)
    window.dispatchEvent(page('pagehide', true))
    expect(told).toEqual([])
    window.dispatchEvent(page('pageshow', true))
    expect(told).toEqual(['wake'])
  })

  it('the first showing of a page is no waking', () => {
    listenToPage(listeners)
    window.dispatchEvent(page('pageshow'))
    expect(told).toEqual([])
  })

  it('wakes after a freeze and looks again when the network changes', () => {
    listenToPage(listeners)
    document.dispatchEvent(new Event('resume'))
    window.dispatchEvent(new Event('offline'))
    window.dispatchEvent(new Event('online'))
    expect(told).toEqual(['wake', 'change', 'change'])
  })

  it('hears nothing once it was stopped', () => {
    listenToPage(listeners)()
    for (const type of ['pagehide', 'online', 'offline']) window.dispatchEvent(page(type))
    document.dispatchEvent(new Event('resume'))
    expect(told).toEqual([])
  })
})
