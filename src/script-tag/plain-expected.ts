/** In place of what leaves dead devices out: in the script-tag file everything that is published is waited for. */
import type { Participant } from '../call/participants.js'

/** All of it. */
export function expectedMedia(present: readonly Participant[]): ReadonlyMap<string, readonly string[]> {
  const expected = new Map<string, readonly string[]>()
  for (const { id, presence } of present)
    if (presence.publishing.length > 0) expected.set(id, presence.publishing)
  return expected
}
