/**
 * The limits of the development servers, in one place because `docs/` lists them as one table. Each keeps a
 * single misbehaving page from taking memory or sockets away from the others; none is meant to be reached by
 * a call of the size Holdfast is built for.
 */

/** Limits of one SFU process. */
export const SFU_LIMITS = {
  /** A browser's offer with two tracks is 5 to 10 kB; 64 kB leaves room for many candidates and codecs. */
  bodyMaxBytes: 64 * 1024,
  /** Room and peer names are ids, not texts; they end up in addresses and in every event. */
  nameMaxLength: 128,
  /** One developer's tests run side by side in rooms of their own, and empty rooms disappear by themselves. */
  roomsMax: 256,
  /** Above this a pure JavaScript SFU on one core no longer keeps the frame rate. */
  publishersPerRoomMax: 16,
  /** Everybody to everybody at the publisher limit, with a second subscription each while a page reloads. */
  subscribersPerPublisherMax: 32,
  /** Each costs a UDP socket and about 0.5 MB. */
  connectionsMax: 512,
  /** Event streams are one per page and room; the rest are leaks. */
  eventStreamsPerRoomMax: 64,
  /** An event reader that stopped reading is dropped before its queue grows beyond this. */
  eventQueueMaxBytes: 256 * 1024,
  /** Longest that `?wait=` may hold a subscription request open. */
  waitMaxMs: 5_000,
} as const

/** Limits of the signaling server. */
export const SIGNALING_LIMITS = {
  /** A signal carries one SDP (about 10 kB), encrypted and in base64 at most twice that. */
  messageMaxBytes: 64 * 1024,
  /** A topic is a room name with a prefix. */
  topicMaxLength: 512,
  /** One page joins one call with two or three topics; tests and `?grid=` multiply that. */
  topicsPerClientMax: 128,
  /** Each is one socket of the operating system; the usual soft limit is 1,024. */
  clientsMax: 900,
  /** A mesh of eight trickling all candidates stays below 200 messages a second. */
  messagesPerSecondMax: 500,
  /** A reader that stopped reading is closed before its queue grows beyond this. */
  queueMaxBytes: 4 * 1024 * 1024,
} as const
