/**
 * How several signaling processes share rooms: three methods. What one process's clients publish reaches the
 * subscribers of the other processes; the own ones were served before the bus is asked. Delivery is at most once:
 * what a bus loses, clients repair as they repair any lost message.
 */

/** The contract. A bus never throws and never rejects; it tells trouble through {@link BusEvents}. */
export interface SignalingBus {
  /** Hands a message to the other processes; dropped while they cannot be reached. */
  publish(topic: string, message: string): void
  /** Messages of the other processes go to `onMessage`; one subscription per topic at a time. */
  subscribe(topic: string, onMessage: (message: string) => void): BusSubscription
  /** Leaves all topics. */
  close(): Promise<void>
}

/** One topic heard. */
export interface BusSubscription {
  /**
   * Resolves when messages arrive from now on, or when that is not to be had soon. What a client says in a topic
   * waits for it, because the answer may come at once.
   */
  readonly ready: Promise<void>
  leave(): void
}

/** What a bus tells. */
export interface BusEvents {
  /** Other processes can be reached or no longer; `reason` is a word, never an address. */
  onState(isUp: boolean, reason: string): void
  /** A message of this process's own came back after so long. */
  onRoundTrip(ms: number): void
  /** A message was dropped. */
  onDropped(): void
}

/** Opens a bus for one process. */
export type OpenBus = (events: BusEvents) => Promise<SignalingBus>

/** Servers of one process, by topic; each listener with the server it belongs to. */
export type MemoryHub = Map<string, Map<object, (message: string) => void>>

/** Connects servers within one process; with a hub of its own a server is alone. */
export function memoryBus(hub: MemoryHub = new Map()): OpenBus {
  return async (events) => {
    const self = {}
    events.onState(true, 'reached')
    return {
      publish(topic, message) {
        for (const [server, onMessage] of hub.get(topic) ?? []) if (server !== self) onMessage(message)
      },
      subscribe(topic, onMessage) {
        const servers = hub.get(topic) ?? new Map<object, (message: string) => void>()
        hub.set(topic, servers.set(self, onMessage))
        return {
          ready: READY,
          leave() {
            servers.delete(self)
            if (servers.size === 0) hub.delete(topic)
          },
        }
      },
      async close() {
        for (const [topic, servers] of hub) if (servers.delete(self) && servers.size === 0) hub.delete(topic)
      },
    }
  }
}

const READY = Promise.resolve()
