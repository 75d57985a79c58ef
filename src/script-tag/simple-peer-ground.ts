/**
 * What simple-peer 9.11.1 stands on in the script-tag build: as much of Node's streams, buffers and helpers as
 * it, y-webrtc and the mesh provider use, in place of polyfills of the whole. Not here, because nobody uses
 * it: `write()` (all of them send whole messages with `send()`), reading by pull, piping, encodings.
 */

type Listener = (...values: never[]) => void

/** Bytes are a plain Uint8Array; `toString('hex')` is the one thing simple-peer asks of its random ones. */
class Bytes extends Uint8Array {
  override toString(): string {
    return [...this].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }
}

interface Registration {
  readonly listener: Listener
  readonly isOnce: boolean
}

/** Node's event emitter, and the two ends of a stream as far as they are observed. */
class Duplex {
  readable = true
  writable = true
  /** simple-peer reads these two when it is destroyed. */
  readonly _readableState = { ended: false }
  readonly _writableState = { finished: false }
  readonly #registered = new Map<string, readonly Registration[]>()

  on(name: string, listener: Listener): this {
    return this.#add(name, { listener, isOnce: false })
  }

  once(name: string, listener: Listener): this {
    return this.#add(name, { listener, isOnce: true })
  }

  removeListener(name: string, listener: Listener): this {
    const left = this.#of(name).filter((other) => other.listener !== listener)
    this.#registered.set(name, left)
    return this
  }

  removeAllListeners(name?: string): this {
    if (name === undefined) this.#registered.clear()
    else this.#registered.delete(name)
    return this
  }

  listeners(name: string): Listener[] {
    return this.#of(name).map(({ listener }) => listener)
  }

  emit(name: string, ...values: unknown[]): boolean {
    const registered = this.#of(name)
    // As in Node: an error that nobody listens for must not get lost.
    if (name === 'error' && registered.length === 0) throw values[0]
    for (const { listener, isOnce } of registered) {
      if (isOnce) this.removeListener(name, listener)
      listener.apply(this, values as never[])
    }
    return registered.length > 0
  }

  /** What came from the other side; null when nothing comes any more. */
  push(chunk: unknown): void {
    if (chunk !== null) this.emit('data', chunk)
    else if (!this._readableState.ended) {
      this._readableState.ended = true
      queueMicrotask(() => this.emit('end'))
    }
  }

  /** Nothing is sent any more. */
  end(): void {
    if (this._writableState.finished) return
    this._writableState.finished = true
    queueMicrotask(() => this.emit('finish'))
  }

  #of(name: string): readonly Registration[] {
    return this.#registered.get(name) ?? []
  }

  #add(name: string, registration: Registration): this {
    this.#registered.set(name, [...this.#of(name), registration])
    return this
  }
}

/** The part of `readable-stream` that is used. */
export const stream = { Duplex }

/** The part of `buffer` that is used: a view on what a data channel gave. */
export const Buffer = { from: (data: ArrayBuffer) => new Uint8Array(data) }

/** Random bytes whose text is hexadecimal. */
export const randombytes = (count: number): Uint8Array => crypto.getRandomValues(new Bytes(count))

/** Gives an error its code; defined, because the `code` that a DOMException inherits cannot be assigned. */
export const errCode = <Failure extends Error>(error: Failure, code: string): Failure =>
  Object.defineProperty(error, 'code', { value: code, configurable: true })

/** Every browser of the last years has these under their standard names; null outside of browsers. */
export const getBrowserRTC = () =>
  typeof RTCPeerConnection === 'undefined'
    ? null
    : { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate }

/** Nobody reads the debug log of a script tag. */
export const debug = (): void => undefined
