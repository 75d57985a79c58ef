/** Whose media has to arrive before a connection counts as whole. */
import type { PresenceFacts } from '../document/presence.js'
import { troublesOf } from '../health/word.js'
import type { Participant } from './participants.js'

/** What each of those who are here publishes and can send, by participant. */
export function expectedMedia(present: readonly Participant[]): ReadonlyMap<string, readonly string[]> {
  const expected = new Map<string, readonly string[]>()
  for (const { id, presence } of present) {
    const sources = sendable(presence)
    if (sources.length > 0) expected.set(id, sources)
  }
  return expected
}

/** A camera that its own page calls dead keeps nobody from having recovered. */
function sendable({ publishing, word = '' }: PresenceFacts): PresenceFacts['publishing'] {
  const troubles: readonly string[] = troublesOf(word)
  return publishing.filter((source) => !troubles.includes(source))
}
