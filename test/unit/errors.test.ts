import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode, HoldfastError, isHoldfastError } from '../../src/errors.js'

const codes = Object.keys(ERROR_CODES) as ErrorCode[]

describe('HoldfastError', () => {
  it.each(codes)('has a message and a retryable flag from the table for %s', (code) => {
    const error = new HoldfastError(code)
    expect(error.message).toMatch(/^[A-Z].*\.$/)
    expect(error.retryable).toBe(ERROR_CODES[code].retryable)
    expect(error.details).toEqual({})
  })

  it('carries the cause it was given and none otherwise', () => {
    const cause = new Error('socket hang up')
    expect(new HoldfastError('provider-network', { cause }).cause).toBe(cause)
    expect('cause' in new HoldfastError('provider-network')).toBe(false)
  })

  it('lets one occurrence say that it is retryable', () => {
    expect(new HoldfastError('provider-rejected', { retryable: true }).retryable).toBe(true)
  })

  it('is an Error whose stack names it', () => {
    const error = new HoldfastError('closed')
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe('HoldfastError: The call has been left.')
  })
})

describe('isHoldfastError', () => {
  it('tells codes apart', () => {
    const error = new HoldfastError('provider-auth')
    expect(isHoldfastError(error)).toBe(true)
    expect(isHoldfastError(error, 'provider-auth')).toBe(true)
    expect(isHoldfastError(error, 'provider-full')).toBe(false)
  })

  it('recognises an error of another copy of the package', () => {
    const foreign = Object.assign(new Error('elsewhere'), { name: 'HoldfastError', code: 'closed' })
    expect(isHoldfastError(foreign, 'closed')).toBe(true)
  })

  it.each([[null], [undefined], ['closed'], [{}], [new Error('closed')], [{ name: 'HoldfastError', code: 7 }]])(
    'refuses %s',
    (value) => {
      expect(isHoldfastError(value)).toBe(false)
    },
  )
})
