import { describe, expect, it } from 'vitest'
import { createIceSummary } from '../../../../src/providers/mesh/ice-summary.js'

describe('the path of a mesh', () => {
  it('stays well while one link has it', () => {
    const summary = createIceSummary()
    expect(summary.set('a', 'connected')).toBeNull()
    expect(summary.set('b', 'connected')).toBeNull()
    expect(summary.set('b', 'disconnected')).toBeNull()
    expect(summary.set('b', 'failed')).toBeNull()
  })

  it('is interrupted when the last link is, broken when all have failed, and well when one is back', () => {
    const summary = createIceSummary()
    for (const link of ['a', 'b']) summary.set(link, 'connected')
    summary.set('a', 'disconnected')
    expect(summary.set('b', 'disconnected')).toBe('disconnected')
    expect(summary.set('a', 'failed')).toBeNull()
    expect(summary.set('b', 'failed')).toBe('failed')
    expect(summary.set('a', 'connected')).toBe('connected')
  })

  it('is well again when the participant who was in trouble is gone', () => {
    const summary = createIceSummary()
    summary.set('a', 'connected')
    expect(summary.set('a', 'failed')).toBe('failed')
    expect(summary.forget('a')).toBe('connected')
    expect(summary.forget('a')).toBeNull()
  })

  it('is not mended by an attempt that has only begun, nor by one that was closed', () => {
    const summary = createIceSummary()
    summary.set('a', 'failed')
    for (const state of ['closed', 'new', 'connecting'] as const) expect(summary.set('a', state)).toBeNull()
  })
})
