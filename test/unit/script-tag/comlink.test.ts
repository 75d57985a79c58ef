/** The script-tag build's own comlink, against itself and against the package on either side. */
import * as stock from 'comlink'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as own from '../../../src/script-tag/comlink.js'

interface Api {
  add(one: number, other: number): number
  start(callbacks: { tick(value: number): void }, times: number): string
  bytes(batch: { readonly values: Float64Array }): number
}

const ports: MessagePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

const api: Api = {
  add: (one, other) => one + other,
  start(callbacks, times) {
    for (let count = 1; count <= times; count += 1) callbacks.tick(count)
    return 'started'
  },
  bytes: ({ values }) => values.length,
}

type Remote = { [Name in keyof Api]: (...values: Parameters<Api[Name]>) => Promise<ReturnType<Api[Name]>> }

const sides = { own, stock: stock as unknown as typeof own }
for (const [pageName, page] of Object.entries(sides))
  for (const [workerName, worker] of Object.entries(sides))
    describe(`${pageName} calling ${workerName}`, () => {
      const connect = (): Remote => {
        const { port1, port2 } = new MessageChannel()
        ports.push(port1, port2)
        worker.expose(api, port2 as never)
        return page.wrap(port1 as never) as Remote
      }

      it('answers each call with its own result', async () => {
        const remote = connect()
        expect(await Promise.all([remote.add(1, 2), remote.add(3, 4)])).toEqual([3, 7])
      })

      it('calls back into an object that stays on this side', async () => {
        const tick = vi.fn()
        expect(await connect().start(page.proxy({ tick }), 3)).toBe('started')
        await vi.waitFor(() => expect(tick.mock.calls).toEqual([[1], [2], [3]]))
      })

      it('moves what is marked instead of copying it', async () => {
        const values = new Float64Array(8)
        expect(await connect().bytes(page.transfer({ values }, [values.buffer]))).toBe(8)
        expect(values.length).toBe(0)
      })
    })

describe('an exposed object of the script-tag file', () => {
  it('answers a method that it does not have, and ignores what is no call', async () => {
    const { port1, port2 } = new MessageChannel()
    ports.push(port1, port2)
    own.expose(api, port2)
    port1.postMessage('noise')
    port1.postMessage(null)
    const remote = own.wrap(port1) as { missing(): Promise<unknown> }
    expect(await remote.missing()).toBeUndefined()
  })
})
