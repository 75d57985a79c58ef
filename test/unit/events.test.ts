import { afterEach, describe, expect, it, vi } from 'vitest'
import { createEmitter, reportListenerError } from '../../src/events.js'

interface Moments {
  joined: { readonly peer: string }
  left: null
}

afterEach(() => vi.unstubAllGlobals())

describe('createEmitter', () => {
  it('hands one payload to each listener of the name, in the order of registration', () => {
    const emitter = createEmitter<Moments>()
    const seen: string[] = []
    emitter.on('joined', ({ peer }) => seen.push(`first ${peer}`))
    emitter.on('joined', ({ peer }) => seen.push(`second ${peer}`))
    emitter.on('left', () => seen.push('left'))
    emitter.emit('joined', { peer: 'ada' })
    expect(seen).toEqual(['first ada', 'second ada'])
  })

  it('removes exactly one registration per undo, even of a function added twice', () => {
    const emitter = createEmitter<Moments>()
    const listener = vi.fn()
    const undo = emitter.on('left', listener)
    emitter.on('left', listener)
    undo()
    undo()
    emitter.emit('left', null)
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('reports what a listener throws and still calls the others', () => {
    const reportError = vi.fn()
    vi.stubGlobal('reportError', reportError)
    const emitter = createEmitter<Moments>()
    const failure = new Error('the app failed')
    const other = vi.fn()
    emitter.on('left', () => {
      throw failure
    })
    emitter.on('left', other)
    emitter.emit('left', null)
    expect(reportError).toHaveBeenCalledWith(failure)
    expect(other).toHaveBeenCalledTimes(1)
  })

  it('does not call a listener that was added while the moment was being told', () => {
    const emitter = createEmitter<Moments>()
    const late = vi.fn()
    emitter.on('left', () => {
      emitter.on('left', late)
    })
    emitter.emit('left', null)
    expect(late).not.toHaveBeenCalled()
  })

  it('is silent after clear() and takes listeners again', () => {
    const emitter = createEmitter<Moments>()
    const before = vi.fn()
    const after = vi.fn()
    emitter.on('left', before)
    emitter.clear()
    emitter.on('left', after)
    emitter.emit('left', null)
    expect(before).not.toHaveBeenCalled()
    expect(after).toHaveBeenCalledTimes(1)
  })
})

describe('reportListenerError', () => {
  it('rethrows in a microtask where reportError is missing, so that the error is not lost', () => {
    vi.stubGlobal('reportError', undefined)
    const tasks: (() => void)[] = []
    vi.stubGlobal('queueMicrotask', (task: () => void) => tasks.push(task))
    const failure = new Error('the app failed')
    reportListenerError(failure)
    expect(tasks).toHaveLength(1)
    expect(tasks[0]).toThrow(failure)
  })
})
