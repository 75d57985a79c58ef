/**
 * Why the signaling server closes a socket. Codes below 4000 are those of RFC 6455 section 7.4.1 and the IANA
 * registry; the others are ours, with HTTP's number at the end where HTTP has one. docs/operations.md lists them.
 */

/** Close codes by reason. */
export const SIGNALING_CLOSE = {
  binary: 1003,
  garbage: 1007,
  tooBig: 1009,
  failed: 1011,
  restart: 1012,
  full: 1013,
  tooManyTopics: 4001,
  tooFast: 4002,
  tooSlow: 4003,
  silent: 4004,
  roomFull: 4005,
  tokenRefused: 4401,
  roomRefused: 4403,
} as const

/** A reason of ours. */
export type CloseReason = keyof typeof SIGNALING_CLOSE

/** What the other end reads beside the code; never more than RFC 6455's 123 bytes, never anything it sent. */
export const CLOSE_TEXT: Readonly<Record<CloseReason, string>> = {
  binary: 'text frames only',
  garbage: 'not a signaling message',
  tooBig: 'message too big',
  failed: 'the server failed on its side',
  restart: 'the server restarts, connect again',
  full: 'the server is full or cannot check tokens now, try later',
  tooManyTopics: 'too many topics on one socket',
  tooFast: 'too many messages',
  tooSlow: 'messages are read too slowly',
  silent: 'pings were not answered',
  roomFull: 'the room is full',
  tokenRefused: 'the token is missing, wrong or expired',
  roomRefused: 'the token is for another room',
}
