import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listenToPage } from '../../../src/call/page-lifecycle.js'

const told: string[] = []
const listeners = {
  onWake: () => told.push('wake'),
  onFarewell: () => told.push('farewell'),
  onPhase: (phase: string) => told.push(phase),
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
    expect(told).toEqual(['frozen'])
    window.dispatchEvent(page('pageshow', true))
    expect(told).toEqual(['frozen', 'wake', 'visible'])
  })

  it('the first showing of a page is no waking', () => {
    listenToPage(listeners)
    window.dispatchEvent(page('pageshow'))
    expect(told).toEqual([])
  })

  it('P14 tells when it is hidden and when it is about to be frozen, and wakes after that', () => {
    listenToPage(listeners)
    Object.assign(document, { visibilityState: 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
    document.dispatchEvent(new Event('freeze'))
    document.dispatchEvent(new Event('resume'))
    Object.assign(document, { visibilityState: 'visible' })
    document.dispatchEvent(new Event('visibilitychange'))
    expect(told).toEqual(['hidden', 'frozen', 'wake', 'hidden', 'visible'])
  })

  it('hears nothing once it was stopped', () => {
    listenToPage(listeners)()
    for (const type of ['pagehide', 'pageshow']) window.dispatchEvent(page(type))
    for (const type of ['resume', 'freeze', 'visibilitychange']) document.dispatchEvent(new Event(type))
    expect(told).toEqual([])
  })
})
