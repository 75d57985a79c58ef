/**
 * In place of `comlink` in the script-tag build: calls of an object's methods over a message port, and one
 * object of callbacks the other way. On the wire it is comlink's protocol.
 */

interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void
  addEventListener(name: 'message', listener: (event: MessageEvent) => void): void
  start?(): void
}

type Methods = Record<string, (...values: unknown[]) => unknown>

interface Call {
  readonly id: string
  readonly type: string
  readonly path: readonly [string]
  readonly argumentList: readonly { readonly name?: string; readonly value: unknown }[]
}

/** Names the method of a remote object that ends it. */
export const releaseProxy = Symbol('release')

const transfers = new WeakMap<object, Transferable[]>()
const proxies = new WeakSet<object>()

/** Marks what is moved with `value` instead of copied. */
export function transfer<Value extends object>(value: Value, list: Transferable[]): Value {
  transfers.set(value, list)
  return value
}

/** Marks an object whose methods stay here. */
export function proxy<Value extends object>(value: Value): Value {
  proxies.add(value)
  return value
}

/** Answers the calls that come through the port. */
export function expose(methods: object, port: Port = globalThis as unknown as Port): void {
  port.addEventListener('message', ({ data }) => {
    const { id, type, path, argumentList } = (data ?? {}) as Call
    if (type !== 'APPLY') return
    let value: unknown
    try {
      value = (methods as Methods)[path[0]]?.(...argumentList.map(received))
    } finally {
      // Answered in any case: the other side keeps what waits for an answer.
      port.postMessage({ id, type: 'RAW', value }, [])
    }
  })
  port.start?.()
}

/** An object whose methods are called on the other side of the port. */
export function wrap(port: Port): object {
  const waiting = new Map<string, (value: unknown) => void>()
  let calls = 0
  port.addEventListener('message', ({ data }) => {
    const { id, value } = (data ?? {}) as { id: string; value: unknown }
    waiting.get(id)?.(value)
    waiting.delete(id)
  })
  port.start?.()
  const call = (name: string, values: unknown[]): Promise<unknown> =>
    new Promise((resolve) => {
      calls += 1
      const moved: Transferable[] = []
      const argumentList = values.map((value) => sent(value, moved))
      waiting.set(`${calls}`, resolve)
      port.postMessage({ id: `${calls}`, type: 'APPLY', path: [name], argumentList }, moved)
    })
  return new Proxy(
    {},
    {
      get: (_target, name) =>
        name === releaseProxy ? () => waiting.clear() : (...values: unknown[]) => call(String(name), values),
    },
  )
}

function sent(value: unknown, moved: Transferable[]): object {
  if (typeof value !== 'object' || value === null) return { type: 'RAW', value }
  moved.push(...(transfers.get(value) ?? []))
  if (!proxies.has(value)) return { type: 'RAW', value }
  const { port1, port2 } = new MessageChannel()
  expose(value, port1)
  moved.push(port2)
  return { type: 'HANDLER', name: 'proxy', value: port2 }
}

function received({ name, value }: { readonly name?: string; readonly value: unknown }): unknown {
  return name === 'proxy' ? wrap(value as MessagePort) : value
}
