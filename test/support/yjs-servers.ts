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
  stop(): Promise<void>
  start(): Promise<void>
}

/** Starts @hocuspocus/server. */
export async function hocuspocus(): Promise<YjsServer> {
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
        ...{ WebSocketPolyfill: WebSocket, delay: 100, minDelay: 50, maxDelay: 400 },
      }) as ReturnType<MakeYjsProvider>
    },
    async stop() {
      // As a killed process does it: without a word, and every socket with it.
      for (const socket of server?.webSocketServer.clients ?? []) socket.terminate()
      await server?.destroy()
      server = null
    },
    start,
  }
}

/** Starts @y/websocket-server. */
export async function yWebsocket(): Promise<YjsServer> {
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
        WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
      }) as ReturnType<MakeYjsProvider>,
    stop: () => stop(),
    start,
  }
}
