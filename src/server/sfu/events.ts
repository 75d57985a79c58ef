/**
 * Tells pages who publishes in a room, at once. The stream is also the fastest sign of the server's death: a
 * killed process closes it within milliseconds, a hung one stops the heartbeat, while WebRTC itself needs 5 s.
 *
 * Two carriers with the same messages: server-sent events (the WHEP extension) and WebSocket. Browsers allow
 * six HTTP/1.1 connections to one server and an event stream holds one for good, so with six tabs the seventh
 * request would wait for ever; WebSockets are counted apart.
 */
import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import { Refusal } from '../http.js'
import { SFU_LIMITS } from '../limits.js'

/** Who publishes, with the id of the publishing session. */
export interface Published {
  readonly peer: string
  readonly session: string
}

/** What is told, by event name. `publishers` comes first on each stream and replaces what was known. */
export interface RoomEvents {
  readonly publishers: { readonly publishers: readonly Published[] }
  readonly published: Published
  readonly unpublished: Published
  readonly heartbeat: Record<string, never>
}

/** The readers of one room. */
export interface EventStreams {
  readonly size: number
  addEventSource(response: ServerResponse, publishers: readonly Published[]): void
  addWebSocket(socket: WebSocket, publishers: readonly Published[]): void
  tell<Name extends keyof RoomEvents>(name: Name, event: RoomEvents[Name]): void
  close(): void
}

/** One reader, whatever carries it. */
interface Reader {
  send(name: string, event: unknown): void
  readonly queuedBytes: number
  close(): void
}

/** Makes the set of readers; `onEmpty` runs when the last one has gone. */
export function createEventStreams(onEmpty: () => void): EventStreams {
  const readers = new Set<Reader>()
  const remove = (reader: Reader): void => {
    if (readers.delete(reader) && readers.size === 0) onEmpty()
  }
  const send = (reader: Reader, name: string, event: unknown): void => {
    if (reader.queuedBytes <= SFU_LIMITS.eventQueueMaxBytes) reader.send(name, event)
    else {
      reader.close()
      remove(reader)
    }
  }
  const add = (reader: Reader, publishers: readonly Published[]): void => {
    readers.add(reader)
    send(reader, 'publishers', { publishers })
  }
  const assertRoom = (): void => {
    if (readers.size >= SFU_LIMITS.eventStreamsPerRoomMax)
      throw new Refusal(503, 'This room has too many event streams.', { 'retry-after': '1' })
  }
  return {
    get size() {
      return readers.size
    },
    addEventSource(response, publishers) {
      assertRoom()
      response.setHeader('content-type', 'text/event-stream')
      response.setHeader('cache-control', 'no-store')
      response.flushHeaders()
      const reader = eventSourceReader(response)
      response.on('close', () => remove(reader))
      add(reader, publishers)
    },
    addWebSocket(socket, publishers) {
      const reader = webSocketReader(socket)
      socket.on('error', () => socket.terminate())
      socket.on('close', () => remove(reader))
      if (readers.size >= SFU_LIMITS.eventStreamsPerRoomMax) socket.close(1013, 'too many event streams')
      else add(reader, publishers)
    },
    tell(name, event) {
      for (const reader of [...readers]) send(reader, name, event)
    },
    close() {
      for (const reader of [...readers]) reader.close()
      readers.clear()
    },
  }
}

function eventSourceReader(response: ServerResponse): Reader {
  return {
    send: (name, event) => response.write(`event: ${name}\ndata: ${JSON.stringify(event)}\n\n`),
    get queuedBytes() {
      return response.writableLength
    },
    close: () => response.destroy(),
  }
}

function webSocketReader(socket: WebSocket): Reader {
  return {
    send: (name, event) => socket.send(JSON.stringify({ event: name, data: event })),
    get queuedBytes() {
      return socket.bufferedAmount
    },
    close: () => socket.terminate(),
  }
}
