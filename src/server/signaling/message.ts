/**
 * What clients send, as y-webrtc 10 writes it, checked before anything else sees it. Types that are not known
 * are passed over, so that a later version may add some; everything else that does not fit is garbage.
 */

/** The limits that a message has to keep. */
export interface MessageLimits {
  readonly topicMaxLength: number
}

/** A checked message. */
export type SignalingMessage =
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly topics: readonly string[] }
  | { readonly type: 'publish'; readonly topic: string; readonly data: unknown }
  | { readonly type: 'ping' }
  | { readonly type: 'unknown' }

/** The message in a text frame; null for garbage. */
export function parseMessage(text: string, limits: MessageLimits): SignalingMessage | null {
  const message = parseObject(text)
  if (message === null) return null
  const isTopic = (value: unknown): value is string =>
    typeof value === 'string' && value.length > 0 && value.length <= limits.topicMaxLength
  const { type, topic, topics, data } = message
  if (type === 'ping') return { type }
  if (type === 'publish') return isTopic(topic) ? { type, topic, data } : null
  if (type === 'subscribe' || type === 'unsubscribe')
    return Array.isArray(topics) && topics.every(isTopic) ? { type, topics } : null
  return { type: 'unknown' }
}

/**
 * The text that goes to subscribers and over the bus, without the number of subscribers. Null where it cannot be
 * written: nesting that `JSON.parse` accepts is too deep for `JSON.stringify`, which throws.
 */
export function publication(topic: string, data: unknown): string | null {
  try {
    return JSON.stringify({ type: 'publish', topic, data })
  } catch {
    // Only the depth is left as a cause: what came out of JSON goes into JSON.
    return null
  }
}

/** The frame for one process's subscribers; their number is part of y-webrtc's protocol. */
export function frameOf(text: string, clients: number): Buffer {
  return Buffer.from(`${text.slice(0, -1)},"clients":${clients}}`)
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    // Not JSON: garbage like the rest.
    return null
  }
}
