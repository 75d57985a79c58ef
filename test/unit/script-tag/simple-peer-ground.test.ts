import { describe, expect, it } from 'vitest'
import {
  Buffer,
  errCode,
  getBrowserRTC,
  randombytes,
  stream,
} from '../../../src/script-tag/simple-peer-ground.js'

describe('the emitter under simple-peer', () => {
  it('calls listeners in order, with the values', () => {
    const duplex = new stream.Duplex()
    const heard: unknown[] = []
    duplex.on('data', (value) => heard.push(['first', value]))
    duplex.on('data', (value) => heard.push(['second', value]))
    duplex.push('chunk')
    expect(heard).toEqual([
      ['first', 'chunk'],
      ['second', 'chunk'],
    ])
  })

  it('calls a once-listener once, and not at all when it was taken off', () => {
    const duplex = new stream.Duplex()
    let calls = 0
    const count = (): void => {
      calls += 1
    }
    duplex.once('connect', count)
    duplex.emit('connect')
    duplex.emit('connect')
    expect(calls).toBe(1)
    duplex.once('connect', count)
    duplex.removeListener('connect', count)
    duplex.emit('connect')
    expect(calls).toBe(1)
  })

  it('goes on with the others when a listener takes itself off', () => {
    const duplex = new stream.Duplex()
    let calls = 0
    const leave = (): void => {
      duplex.removeListener('close', leave)
    }
    duplex.on('close', leave)
    duplex.on('close', () => {
      calls += 1
    })
    duplex.emit('close')
    expect(calls).toBe(1)
    expect(duplex.listeners('close')).toHaveLength(1)
  })

  it('forgets all listeners of a name, or of every name', () => {
    const duplex = new stream.Duplex()
    duplex.on('data', () => undefined).on('close', () => undefined)
    duplex.removeAllListeners('data')
    expect([duplex.listeners('data').length, duplex.listeners('close').length]).toEqual([0, 1])
    duplex.removeAllListeners()
    expect(duplex.listeners('close')).toEqual([])
  })

  it('throws an error that nobody listens for', () => {
    expect(() => new stream.Duplex().emit('error', new Error('lost'))).toThrow('lost')
  })

  it('ends each side once, after the call that ends it', async () => {
    const duplex = new stream.Duplex()
    const names: string[] = []
    for (const name of ['end', 'finish']) duplex.on(name, () => names.push(name))
    for (let turn = 0; turn < 2; turn++) {
      duplex.push(null)
      duplex.end()
    }
    expect(names).toEqual([])
    await Promise.resolve()
    expect(names).toEqual(['end', 'finish'])
    expect([duplex._readableState.ended, duplex._writableState.finished]).toEqual([true, true])
  })
})

describe('the helpers under simple-peer', () => {
  it('give an error its code, even one whose code cannot be assigned', () => {
    expect(errCode(new Error('plain'), 'ERR_PLAIN')).toMatchObject({ message: 'plain', code: 'ERR_PLAIN' })
    const exception = new DOMException('broken', 'OperationError')
    expect(errCode(exception, 'ERR_DOM')).toBe(exception)
    expect(exception.code).toBe('ERR_DOM')
  })

  it('write random bytes as hexadecimal text', () => {
    expect(String(randombytes(4))).toMatch(/^[0-9a-f]{8}$/)
  })

  it('see bytes without copying them, and no WebRTC where there is none', () => {
    const { buffer } = new Uint8Array([1, 2])
    expect(Buffer.from(buffer).buffer).toBe(buffer)
    expect(getBrowserRTC()).toBeNull()
  })
})
