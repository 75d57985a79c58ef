/**
 * What the other participants say of a provider, as evidence in one silence of our own. Who blames the own path says
 * nothing against the provider, and somebody's doubt is no second witness unless it began with our silence.
 */
import { beganWith, type DatedSight } from './sight-date.js'

/** What the others say of one provider in one silence. */
export interface Hearsay {
  /** Others who use the same provider and were fine on it well after the silence began. */
  readonly othersFine: number
  /** Others who doubt the provider itself since about when the silence began. */
  readonly othersTroubled: number
  /** Others whose connection to it is lost altogether. */
  readonly othersLost: number
  readonly othersCount: number
  /**
   * Others were heard well after the silence began and before the last unanswered probe was asked: my network works.
   * Word that came later may only mean that my network is back.
   */
  readonly hasHeardOthers: boolean
}

/** What others say counts only when said this long after the silence began: before, they could not know. */
const OTHERS_KNOW_AFTER_MS = 1_200

/** What is said of a provider, for a silence that began at `sinceMs` and a probe that was asked in it; 0: none was. */
export function hearsayOf(
  said: readonly DatedSight[],
  provider: string,
  sinceMs: number,
  askedAtMs: number,
): Hearsay {
  const found = { othersFine: 0, othersTroubled: 0, othersLost: 0, othersCount: 0, hasHeardOthers: false }
  for (const other of said) {
    if (other.provider !== provider) continue
    const { sight, heardAtMs } = other
    const laterMs = heardAtMs - sinceMs
    const isDoubt = sight === 'suspect' || sight === 'dead'
    const isLost = sight === 'unreachable' || sight === 'dead'
    found.othersCount += 1
    const isInformed = laterMs > OTHERS_KNOW_AFTER_MS
    if (isInformed && sight === 'ok') found.othersFine += 1
    if (isInformed && heardAtMs <= askedAtMs) found.hasHeardOthers = true
    if (isDoubt && beganWith(other, sinceMs)) found.othersTroubled += 1
    if (isLost && laterMs > 0) found.othersLost += 1
  }
  return found
}
