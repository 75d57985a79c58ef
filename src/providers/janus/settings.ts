/** The options of the Janus adapter: their defaults with the reason for each, and their validation. */
import { HoldfastError } from '../../errors.js'

/** How Janus names rooms: numbers by default, strings where the videoroom plugin has `string_ids = true`. */
export type JanusRoomId = number | string

/** Options of {@link janus}. */
export interface JanusOptions {
  /** Same on every participant: `[a-z0-9-]{1,24}`. */
  readonly id: string
  /** The WebSocket transport, e.g. `wss://janus.example.org`. */
  readonly url: string
  /** The videoroom to use whatever the call's room is named. */
  readonly roomId?: JanusRoomId
  /** Maps the call's room name to a videoroom. Default: digits as a number, anything else hashed to one. */
  readonly roomOf?: (room: string) => JanusRoomId
  /** The room's PIN. */
  readonly pin?: string
  /** Makes the room when it does not exist. Default false: a server with an admin key refuses strangers. */
  readonly create?: boolean
  /** For servers that protect making rooms; only with `create`. Visible to everybody who can see the page. */
  readonly adminKey?: string
  /** Publishers in a room made here. Default 16, what an SFU call can show with two connections for some. */
  readonly maxPublishers?: number
  /** The whole of `connect()`. Default 10 s: a mobile network needs 2 to 4 s for ICE and DTLS with TURN. */
  readonly connectTimeoutMs?: number
}

/** The options with their defaults. */
export interface JanusSettings {
  readonly url: string
  readonly roomOf: (room: string) => JanusRoomId
  readonly pin: string | null
  readonly canCreate: boolean
  readonly adminKey: string | null
  readonly maxPublishers: number
  readonly connectTimeoutMs: number
}

const CONNECT_TIMEOUT_MS = 10_000
const MAX_PUBLISHERS = 16
const PROVIDER_ID = /^[a-z0-9-]{1,24}$/
/** Below 2^53: Janus reads 64-bit integers, JSON in a page does not. */
const NUMERIC_NAME = /^[1-9]\d{0,14}$/

/** Checks the options; `invalid-options` names the field. */
export function janusSettings(options: JanusOptions): JanusSettings {
  if (!PROVIDER_ID.test(options.id)) throw invalid('id', 'must match [a-z0-9-]{1,24}')
  if (!/^wss?:\/\//.test(options.url) || !URL.canParse(options.url))
    throw invalid('url', 'must be a ws(s) address')
  if (options.roomId !== undefined && options.roomOf) throw invalid('roomOf', 'cannot stand beside roomId')
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS
  if (!(connectTimeoutMs > 0)) throw invalid('connectTimeoutMs', 'must be above 0')
  const { roomId } = options
  return {
    url: options.url,
    roomOf: roomId === undefined ? (options.roomOf ?? numberedRoom) : () => roomId,
    pin: options.pin ?? null,
    canCreate: options.create ?? false,
    adminKey: options.adminKey ?? null,
    maxPublishers: options.maxPublishers ?? MAX_PUBLISHERS,
    connectTimeoutMs,
  }
}

/** A room number for a name: itself for digits, else a 48-bit FNV-1a hash, the same on every participant. */
export function numberedRoom(room: string): number {
  if (NUMERIC_NAME.test(room)) return Number(room)
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(room))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return Number(hash & 0xffffffffffffn) || 1
}

function invalid(field: string, message: string): HoldfastError {
  return new HoldfastError('invalid-options', { message: `janus: ${field} ${message}.`, details: { field } })
}
