/**
 * Whether a link carries data both ways, known from questions that were answered and from nothing else: an open
 * channel says nothing, neither does what only the other end sends. Pure; the caller sends what `ask` returns.
 */

/** What is known of one link. */
export interface LinkProbe {
  /** Answered lately. */
  readonly isLive: boolean
  /** Of the last answered question; null before the first. */
  readonly roundTripMs: number | null
  /** How long the open question has been without an answer; 0 when there is none. */
  silentMs(nowMs: number): number
  /** The question to send now; null while it is not time. `everyMs` is the pace of a link that answers. */
  ask(nowMs: number, everyMs: number): number | null
  /** Takes an answer; true when the link was not live before. */
  answered(question: number, nowMs: number): boolean
  /** Looks at the time; true when the link has just stopped being live. `patience` stretches the limit; default 1. */
  expire(nowMs: number, patience?: number): boolean
}

/** Begins with a link that has shown nothing yet. */
export function createLinkProbe(): LinkProbe {
  let isLive = false
  let roundTripMs: number | null = null
  let asked: { readonly question: number; readonly atMs: number }[] = []
  let answeredAtMs = Number.NEGATIVE_INFINITY
  let count = 0
  const silentMs = (nowMs: number): number => (asked[0] ? nowMs - asked[0].atMs : 0)
  return {
    get isLive() {
      return isLive
    },
    get roundTripMs() {
      return roundTripMs
    },
    silentMs,
    ask(nowMs, everyMs) {
      const last = asked.at(-1)
      // While one is open: again, because an answer to a later one tells the time of the heal more closely.
      const isDue = last ? nowMs - last.atMs >= ASK_AGAIN_MS : nowMs - answeredAtMs >= everyMs
      if (!isDue) return null
      count = (count + 1) % QUESTIONS_MAX
      // The first one stays: it says since when there has been no answer.
      if (asked.length >= OPEN_MAX) asked.splice(1, 1)
      asked.push({ question: count, atMs: nowMs })
      return count
    },
    answered(question, nowMs) {
      const found = asked.find((one) => one.question === question)
      if (found === undefined) return false
      const wasLive = isLive
      isLive = true
      roundTripMs = nowMs - found.atMs
      answeredAtMs = nowMs
      asked = asked.filter((one) => one.atMs > found.atMs)
      return !wasLive
    },
    expire(nowMs, patience = 1) {
      if (!isLive || silentMs(nowMs) < SILENT_AFTER_MS * patience) return false
      isLive = false
      return true
    },
  }
}

/** Slower than any link that is of use; below what makes people ask whether they are still heard. */
const SILENT_AFTER_MS = 2500
const ASK_AGAIN_MS = 1000
/** Questions are numbered with four bytes. */
const QUESTIONS_MAX = 2 ** 32
/** More open questions than these tell nothing new. */
const OPEN_MAX = 8
