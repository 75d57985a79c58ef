/**
 * The limits of the servers, in one place because `docs/` lists them as one table. Each keeps a single
 * misbehaving page from taking memory or sockets away from the others; none is meant to be reached by a call of
 * the size Holdfast is built for.
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

/** Limits of the signaling server; each can be set by option (`limits`). */
export const SIGNALING_LIMITS = {
  /** A signal carries one SDP (about 10 kB), encrypted and in base64 at most twice that. */
  messageMaxBytes: 64 * 1024,
  /** A topic is a room name, with a suffix for what Holdfast sends beside y-webrtc. */
  topicMaxLength: 512,
  /** One page joins one call with two topics; tests and `?grid=` multiply that. */
  topicsPerClientMax: 128,
  /** 5,000 sockets were measured; each costs about 25 kB and a file descriptor. */
  clientsMax: 10_000,
  /** One per page and one per call of two at the limit of clients, and as much again for leftovers. */
  topicsMax: 30_000,
  /** Fan-out grows with the square; calls above 50 bring a document server instead. Refreshes are sockets too. */
  clientsPerTopicMax: 200,
  /** A page in a call of 50 sends some 10 messages a second; a mesh of eight setting up stays below 200. */
  messagesPerSecondMax: 200,
  /** One page greets 50 others at once, each with an offer and about 20 candidates. */
  messagesBurstMax: 2_000,
  /** Sixteen of the largest frames a second; presence and updates are below 2 kB. */
  bytesPerSecondMax: 1024 * 1024,
  /** One page answers 50 joiners with a document of 100 kB, in base64. */
  bytesBurstMax: 8 * 1024 * 1024,
  /** A third of what one process was measured to deliver in time, so that one room cannot take the others' share. */
  deliveriesPerTopicPerSecondMax: 25_000,
  /** 50 pages that all set up links to 20 others at the same moment. */
  deliveriesPerTopicBurstMax: 500_000,
  /** A reader that stopped reading is closed before its queue grows beyond this; a whole document burst fits. */
  queueMaxBytes: 4 * 1024 * 1024,
  /** All queues together; above it the longest go first. A process of 512 MB survives it. */
  queuesMaxBytes: 256 * 1024 * 1024,
} as const
