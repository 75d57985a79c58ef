/**
 * The providers' notice boards, carried in presence. Two connections to one provider may be open side by side
 * during a repair: the newest announcement wins, and a leaving connection never wipes its successor's entry.
 */
import type { SharedDocument } from '../document/contract.js'
import type { Json } from '../json.js'
import type { Directory } from '../providers/provider.js'
import type { Participant } from './participants.js'

/** Presence is sent to everybody at every change; one entry may not crowd it. */
const ENTRY_MAX_CHARS = 1000

/** Boards of all providers. */
export interface Directories {
  of(provider: string, owner: string): Directory
}

/** Makes the boards; `participants` gives those who are in the call now. */
export function createDirectories(
  document: SharedDocument,
  participants: () => ReadonlyMap<string, Participant>,
): Directories {
  const own = new Map<string, { readonly owner: string; readonly entry: Json }>()
  const share = (): void =>
    document.announce({
      directory: Object.fromEntries([...own].map(([provider, { entry }]) => [provider, entry])),
    })
  return {
    of: (provider, owner) => ({
      announce(entry) {
        if (entry === null) {
          if (own.get(provider)?.owner !== owner) return
          own.delete(provider)
        } else {
          if (JSON.stringify(entry).length > ENTRY_MAX_CHARS)
            throw new RangeError(`directory entry of ${provider} is longer than ${ENTRY_MAX_CHARS} characters`)
          own.set(provider, { owner, entry })
        }
        share()
      },
      entries() {
        const entries = new Map<string, Json>()
        for (const { id, presence } of participants().values()) {
          const entry = presence.directory[provider]
          if (entry !== undefined && entry !== null) entries.set(id, entry)
        }
        return entries
      },
      subscribe: (listener) => document.on('presence', listener),
    }),
  }
}
