/**
 * Asks a publisher for key frames on behalf of all its viewers: not more often than its encoder answers, never
 * losing a request, and again until the picture has come.
 */

/** Merges requests. */
export interface KeyFrameRequests {
  /** Somebody needs a picture. */
  want(): void
  /** A key frame has begun to arrive. */
  arrived(): void
  stop(): void
}

/** Chromium's encoder drops requests that come sooner than this after the one before. */
const REQUEST_SPACING_MS = 300

/** A key frame takes one frame interval and the way here; after this the request or the frame was lost. */
const RETRY_MS = 150

/** Somebody whose camera is off sends no picture however often one asks. */
const RETRIES_MAX = 8

/** Makes one; `send` puts one request on the wire. */
export function createKeyFrameRequests(send: () => void): KeyFrameRequests {
  let isWanted = false
  let lastSentAtMs = Number.NEGATIVE_INFINITY
  let retries = 0
  let timer: NodeJS.Timeout | undefined
  const fire = (): void => {
    timer = undefined
    if (!isWanted || retries > RETRIES_MAX) return
    retries += 1
    lastSentAtMs = performance.now()
    send()
    timer = setTimeout(fire, RETRY_MS)
  }
  const stop = (): void => {
    isWanted = false
    clearTimeout(timer)
    timer = undefined
  }
  return {
    want() {
      isWanted = true
      retries = 0
      if (timer !== undefined) return
      const waitMs = REQUEST_SPACING_MS - (performance.now() - lastSentAtMs)
      if (waitMs <= 0) fire()
      else timer = setTimeout(fire, waitMs)
    },
    arrived: stop,
    stop,
  }
}
