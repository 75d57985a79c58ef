import { describe, expect, it, vi } from 'vitest'
import { HoldfastError } from '../../../src/errors.js'
import { attemptConnect } from '../../../src/providers/connect-attempt.js'

const never = () => new Promise<never>(() => undefined)

describe('connect attempt', () => {
  it('does not start when the signal is already aborted', async () => {
    const run = vi.fn(never)
    const signal = AbortSignal.abort('changed my mind')
    await expect(attemptConnect({ signal, limitMs: 1_000, run })).rejects.toBe('changed my mind')
    expect(run).not.toHaveBeenCalled()
  })

  it('aborts its scope and rejects with the reason when aborted midway', async () => {
    const controller = new AbortController()
    let scope: AbortSignal | undefined
    const attempt = attemptConnect({
      signal: controller.signal,
      limitMs: 1_000,
      run: (given) => {
        scope = given
        return never()
      },
    })
    controller.abort('stop')
    await expect(attempt).rejects.toBe('stop')
    expect(scope?.aborted).toBe(true)
  })

  it('gives up at its limit with provider-timeout', async () => {
    const signal = new AbortController().signal
    await expect(attemptConnect({ signal, limitMs: 5, run: never })).rejects.toMatchObject({
      code: 'provider-timeout',
    })
  })

  it('passes Holdfast errors on and wraps everything else', async () => {
    const signal = new AbortController().signal
    const full = new HoldfastError('provider-full')
    const odd = new TypeError('odd')
    await expect(attemptConnect({ signal, limitMs: 1_000, run: () => Promise.reject(full) })).rejects.toBe(full)
    await expect(
      attemptConnect({ signal, limitMs: 1_000, run: () => Promise.reject(odd) }),
    ).rejects.toMatchObject({ code: 'provider-network', cause: odd })
  })

  it('hands a late result to discard', async () => {
    const controller = new AbortController()
    const discard = vi.fn()
    let finish = (_: string): void => undefined
    const attempt = attemptConnect({
      signal: controller.signal,
      limitMs: 1_000,
      run: () => new Promise<string>((resolve) => (finish = resolve)),
      discard,
    })
    controller.abort('stop')
    await expect(attempt).rejects.toBe('stop')
    finish('late')
    await vi.waitFor(() => expect(discard).toHaveBeenCalledWith('late'))
  })
})
