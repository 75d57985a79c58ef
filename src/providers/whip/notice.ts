/**
 * A participant has one directory entry per provider, but while a connection is repaired two connections live
 * side by side: the one that leaves must not take the other's entry with it.
 */
import type { Json } from '../../json.js'
import type { Directory } from '../provider.js'

/** One connection's line in the directory. */
export interface Notice {
  /** Shows or changes the line; the newest connection's line is the one the others see. */
  show(entry: Json): void
  /** Takes the line down; an older connection that still stands is shown again. */
  withdraw(): void
}

interface Line {
  readonly directory: Directory
  entry: Json
}

/** Makes the lines of one provider. */
export function createNotices(): (directory: Directory, participant: string) => Notice {
  const stacks = new Map<string, Line[]>()
  return (directory, participant) => {
    const own: Line = { directory, entry: null }
    return {
      show(entry) {
        own.entry = entry
        const stack = stacks.get(participant) ?? []
        stacks.set(participant, stack)
        if (!stack.includes(own)) stack.push(own)
        if (stack.at(-1) === own) directory.announce(entry)
      },
      withdraw() {
        const stack = stacks.get(participant) ?? []
        const index = stack.indexOf(own)
        if (index < 0) return
        const wasShown = index === stack.length - 1
        stack.splice(index, 1)
        const next = stack.at(-1)
        if (!next) stacks.delete(participant)
        if (!wasShown) return
        if (next) next.directory.announce(next.entry)
        else directory.announce(null)
      },
    }
  }
}
