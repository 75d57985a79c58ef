/** Real document servers from npm on loopback, which can be stopped and started again on the same port. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HocuspocusProvider } from '@hocuspocus/provider'
import { Server } from '@hocuspocus/server'
import { setupWSConnection } from '@y/websocket-server/utils'
import { WebSocket, WebSocketServer } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import type { MakeYjsProvider } from '../../src/document/yjs-link.js'

/** A running server and the provider that an app would make for it. */
export interface YjsServer {
  readonly make: MakeYjsProvider
  /** Payload bytes of all clients of this process so far, both ways. */
  traffic(): number
  stop(): Promise<void>
  start(): Promise<void>
}

/** Starts @hocuspocus/server. */
export async function hocuspocus(): Promise<YjsServer> {
  const { Socket, traffic } = countingSocket()
  let port = 0
  let server: Server | null = null
  const start = async (): Promise<void> => {
    server = new Server({ quiet: true, stopOnSignals: false, port, address: '127.0.0.1' })
    await server.listen()
    port = server.address.port
  }
  await start()
  return {
    make: ({ doc, awareness, room }) => {
      const { href } = new URL(`ws://127.0.0.1:${port}`)
      return new HocuspocusProvider({
        ...{ url: href, name: room, document: doc, awareness, token: 'any' },
        ...{ WebSocketPolyfill: Socket, delay: 100, minDelay: 50, maxDelay: 400 },
      }) as ReturnType<MakeYjsProvider>
    },
    async stop() {
      // As a killed process does it: without a word, and every socket with it.
      for (const socket of server?.webSocketServer.clients ?? []) socket.terminate()
      await server?.destroy()
      server = null
    },
    traffic,
    start,
  }
}

/** Starts @y/websocket-server. */
export async function yWebsocket(): Promise<YjsServer> {
  const { Socket, traffic } = countingSocket()
  let port = 0
  let stop = async (): Promise<void> => undefined
  const start = async (): Promise<void> => {
    const http = createServer()
    const sockets = new WebSocketServer({ server: http })
    sockets.on('connection', (socket, request) => setupWSConnection(socket, request))
    http.listen(port, '127.0.0.1')
    await once(http, 'listening')
    port = (http.address() as AddressInfo).port
    stop = async () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      http.close()
      await once(http, 'close')
    }
  }
  await start()
  return {
    make: ({ doc, awareness, room }) =>
      new WebsocketProvider(`ws://127.0.0.1:${port}`, room, doc, {
        awareness,
        disableBc: true,
        maxBackoffTime: 400,
        WebSocketPolyfill: Socket as unknown as typeof globalThis.WebSocket,
      }) as ReturnType<MakeYjsProvider>,
    stop: () => stop(),
    traffic,
    start,
  }
}

/** A WebSocket that counts what goes through it. */
function countingSocket(): {
  readonly Socket: new (address: string | URL, protocols?: string | string[]) => WebSocket
  traffic(): number
} {
  let bytes = 0
  class Socket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols)
      this.on('message', (data: Buffer | ArrayBuffer) => {
        bytes += data.byteLength
      })
    }
    override send(data: Parameters<WebSocket['send']>[0], ...rest: unknown[]): void {
      bytes += typeof data === 'string' ? Buffer.byteLength(data) : (data as Uint8Array).byteLength
      super.send(data, ...(rest as [() => void]))
    }
  }
  return { Socket, traffic: () => bytes }
}
