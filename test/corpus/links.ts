/**
 * A network in user space: every page has an uplink and a downlink, and every connection runs over a pair of
 * UDP sockets that stand in for the other side. Candidates are rewritten to these sockets, so whole packets can
 * be delayed, lost, queued and dropped like on a real link, without privileges and from a seed.
 */
import { createSocket, type Socket } from 'node:dgram'

/** One direction of one page's access link. */
export interface Shape {
  delayMs: number
  /** Added at random up to this; packets may overtake each other. */
  jitterMs: number
  lossRatio: number
  /** Gilbert-Elliott: chance per packet to go bad, and to become good again; bad loses everything. */
  burst: { readonly toBad: number; readonly toGood: number } | null
  /** Null: without limit. */
  rateBps: number | null
  /** Drop-tail queue before the rate limit. */
  queueMs: number
  isBlocked: boolean
}

/** The access link of a page or of a server. */
export interface AccessLink {
  readonly up: Shape
  readonly down: Shape
}

/** Address of one end of a path. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** A connection between two ends over their links. */
export interface Path {
  /** What A is told to send to. */
  readonly forA: Address
  /** What B is told to send to. */
  readonly forB: Address
  /** A new mapping on the side that B sees, like a NAT that forgot: A's packets come from another port. */
  rebind(): Promise<void>
  /** Loses everything on this path alone. */
  block(isBlocked: boolean): void
}

interface Queue {
  freeAtMs: number
  isBad: boolean
}

const queues = new WeakMap<Shape, Queue>()

/** A clean link: 10 ms one way, as behind a good access line. */
export function cleanLink(delayMs = 10): AccessLink {
  return { up: cleanShape(delayMs), down: cleanShape(delayMs) }
}

/** All paths of one call. */
export class Network {
  readonly #sockets = new Set<Socket>()
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomOf(seed)
  }

  /** Opens a path; `endOf` tells where each side really listens, as soon as that is known. */
  async path(
    linkA: AccessLink,
    linkB: AccessLink,
    endOf: { readonly a: () => Address | null; readonly b: () => Address | null },
    host: string,
  ): Promise<Path> {
    let isBlocked = false
    const facingA = await this.#socket()
    let facingB = await this.#socket()
    const carry = (from: Shape, to: Shape, send: (packet: Buffer) => void) => (packet: Buffer) => {
      if (!isBlocked) this.#through(from, packet, () => this.#through(to, packet, () => send(packet)))
    }
    const sendTo = (socket: () => Socket, end: () => Address | null) => (packet: Buffer) => {
      const address = end()
      if (address && this.#sockets.has(socket())) socket().send(packet, address.port, address.host)
    }
    const toB = carry(
      linkA.up,
      linkB.down,
      sendTo(() => facingB, endOf.b),
    )
    const toA = carry(
      linkB.up,
      linkA.down,
      sendTo(() => facingA, endOf.a),
    )
    facingA.on('message', toB)
    facingB.on('message', toA)
    return {
      forA: { host, port: facingA.address().port },
      forB: { host, port: facingB.address().port },
      rebind: async () => {
        this.#close(facingB)
        facingB = await this.#socket()
        facingB.on('message', toA)
      },
      block: (value) => {
        isBlocked = value
      },
    }
  }

  close(): void {
    for (const socket of [...this.#sockets]) this.#close(socket)
  }

  #socket(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = createSocket('udp4')
      socket.once('error', reject)
      socket.bind(0, () => {
        // A peer that is gone answers with an ICMP error; the call goes on without it.
        socket.off('error', reject).on('error', () => undefined)
        this.#sockets.add(socket)
        resolve(socket)
      })
    })
  }

  #close(socket: Socket): void {
    if (this.#sockets.delete(socket)) socket.close()
  }

  #through(shape: Shape, packet: Buffer, deliver: () => void): void {
    if (shape.isBlocked || this.#isLost(shape)) return
    let waitMs = shape.delayMs + this.#random() * shape.jitterMs
    if (shape.rateBps !== null) {
      const queue = queueOf(shape)
      const nowMs = performance.now()
      const behindMs = Math.max(0, queue.freeAtMs - nowMs)
      if (behindMs > shape.queueMs) return
      const takesMs = (packet.length * 8000) / shape.rateBps
      queue.freeAtMs = nowMs + behindMs + takesMs
      waitMs += behindMs + takesMs
    }
    if (waitMs < 1) deliver()
    else setTimeout(deliver, waitMs)
  }

  #isLost(shape: Shape): boolean {
    if (shape.burst) {
      const queue = queueOf(shape)
      const chance = queue.isBad ? shape.burst.toGood : shape.burst.toBad
      if (this.#random() < chance) queue.isBad = !queue.isBad
      if (queue.isBad) return true
    }
    return this.#random() < shape.lossRatio
  }
}

/** A seeded source of numbers below 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function cleanShape(delayMs: number): Shape {
  return { delayMs, jitterMs: 0, lossRatio: 0, burst: null, rateBps: null, queueMs: 300, isBlocked: false }
}

function queueOf(shape: Shape): Queue {
  const known = queues.get(shape) ?? { freeAtMs: 0, isBad: false }
  queues.set(shape, known)
  return known
}
