/** Stands in for `document/link-list.ts` in the script-tag file: the document has its own two ways and no others. */
import type { Link } from '../document/link.js'
import type { LinkList } from '../document/link-list.js'

/** As in `document/link-list.ts`, without the app's links and those of media providers. */
export function createLinkList(_context: unknown, all: readonly Link[]): LinkList {
  return {
    all,
    each: (task) => all.forEach(task),
    carry: () => () => undefined,
    close() {
      for (const link of all) link.close()
    },
  }
}
