/** The addresses of the SFU and what may be done there. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Handler, Refusal, readBody, replyJson } from '../http.js'
import { SFU_LIMITS } from '../limits.js'
import type { Publisher } from './publisher.js'
import type { Room } from './room.js'
import type { Rooms } from './rooms.js'
import type { Subscriber } from './subscriber.js'

/** The request handlers over a set of rooms. */
export interface Routes {
  readonly handle: Handler
  /** The room whose events a WebSocket upgrade asks for; undefined for any other address. */
  eventRoom(request: IncomingMessage): (() => Room) | undefined
}

type Address =
  | { readonly kind: 'health' }
  | { readonly kind: 'status' }
  | { readonly kind: 'events'; readonly room: string }
  | { readonly kind: 'whip' | 'whep'; readonly room: string; readonly peer: string; readonly session?: string }

const EVENTS_REL = 'urn:ietf:params:whip:ext:core:server-sent-events'

/** Makes the handlers. */
export function createRoutes(rooms: Rooms): Routes {
  const handle: Handler = async (request, response, url) => {
    const address = parseAddress(url.pathname)
    if (address.kind === 'health') {
      allow(request, 'GET')
      response.statusCode = 204
      response.end()
    } else if (address.kind === 'status') {
      allow(request, 'GET')
      replyJson(response, statusOf(rooms))
    } else if (address.kind === 'events') {
      allow(request, 'GET')
      const room = rooms.open(address.room)
      room.events.addEventSource(response, room.publishers)
    } else if (address.session === undefined) await create(rooms, request, response, url, address)
    else end(rooms, request, response, address, address.session)
  }
  return {
    handle,
    eventRoom(request) {
      try {
        const address = parseAddress(new URL(request.url ?? '/', 'http://localhost').pathname)
        return address.kind === 'events' ? () => rooms.open(address.room) : undefined
      } catch {
        // An address that cannot be parsed is one that does not exist.
        return undefined
      }
    },
  }
}

async function create(
  rooms: Rooms,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  address: Extract<Address, { kind: 'whip' | 'whep' }>,
): Promise<void> {
  allow(request, 'POST')
  if (!/^application\/sdp\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal(415, 'The content type must be application/sdp.')
  const offer = await readBody(request, SFU_LIMITS.bodyMaxBytes)
  if (countConnections(rooms) >= SFU_LIMITS.connectionsMax)
    throw new Refusal(503, 'This server has too many connections.', { 'retry-after': '5' })
  const room = rooms.open(address.room)
  const session =
    address.kind === 'whip'
      ? await room.publish(address.peer, offer)
      : await room.subscribe(address.peer, offer, waitMs(url))
  replyCreated(response, url, address.room, session)
}

function end(
  rooms: Rooms,
  request: IncomingMessage,
  response: ServerResponse,
  address: Extract<Address, { kind: 'whip' | 'whep' }>,
  session: string,
): void {
  if (request.method === 'PATCH')
    throw new Refusal(405, 'Trickle ICE and ICE restarts are not supported; post a new offer.', {
      allow: 'DELETE, OPTIONS',
    })
  allow(request, 'DELETE')
  if (rooms.all.get(address.room)?.end(address.peer, session) !== true)
    throw new Refusal(404, 'There is no such session.')
  response.statusCode = 200
  response.end()
}

function replyCreated(response: ServerResponse, url: URL, room: string, session: Publisher | Subscriber): void {
  response.statusCode = 201
  response.setHeader('content-type', 'application/sdp')
  response.setHeader('location', `${url.pathname}/${session.id}`)
  response.setHeader('etag', `"${session.id}"`)
  response.setHeader(
    'link',
    `</events/${encodeURIComponent(room)}>; rel="${EVENTS_REL}"; events="publishers,published,unpublished,heartbeat"`,
  )
  response.end(session.answer)
}

function parseAddress(pathname: string): Address {
  const [kind, ...rest] = pathname.split('/').slice(1).map(decode)
  const [room, peer, session, ...more] = rest
  if (more.length === 0) {
    if ((kind === 'health' || kind === 'status') && room === undefined) return { kind }
    if (kind === 'events' && room !== undefined && peer === undefined)
      return { kind, room: assertName('room', room) }
    if ((kind === 'whip' || kind === 'whep') && room !== undefined && peer !== undefined) {
      const names = { kind, room: assertName('room', room), peer: assertName('peer', peer) } as const
      return session === undefined ? names : { ...names, session }
    }
  }
  throw new Refusal(404, 'There is nothing at this address.')
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Refusal(400, 'The address is not encoded correctly.')
  }
}

function assertName(what: string, name: string): string {
  if (name.length === 0 || name.length > SFU_LIMITS.nameMaxLength)
    throw new Refusal(400, `The ${what} name must have 1 to ${SFU_LIMITS.nameMaxLength} characters.`)
  return name
}

function allow(request: IncomingMessage, method: 'GET' | 'POST' | 'DELETE'): void {
  if (request.method !== method)
    throw new Refusal(405, `Only ${method} is possible here.`, { allow: `${method}, OPTIONS` })
}

function waitMs(url: URL): number {
  const wanted = Number(url.searchParams.get('wait') ?? 0)
  return Number.isFinite(wanted) ? Math.min(Math.max(0, wanted), SFU_LIMITS.waitMaxMs) : 0
}

function countConnections(rooms: Rooms): number {
  return [...rooms.all.values()].reduce((sum, room) => sum + room.connections.length, 0)
}

function statusOf(rooms: Rooms) {
  return {
    rooms: [...rooms.all].map(([name, room]) => ({
      name,
      publishers: room.publishers,
      connections: room.connections.map(({ id, isConnected }) => ({ id, isConnected })),
      eventStreams: room.events.size,
    })),
  }
}
