/** All links of a room: the built-in ones, what the app brings, and the media providers that come and go. */
import type { DataPort } from './in-band.js'
import type { Link } from './link.js'
import type { RoomLinksOptions } from './room-links.js'

/** The links. */
export interface LinkList {
  readonly all: readonly Link[]
  each(task: (link: Link) => void): void
  /** Adds a media provider's data channel; call the result to end it. */
  carry(port: DataPort): () => void
  close(): void
}

/** Makes the list and starts what the app brings. */
export function createLinkList(context: RoomLinksOptions, builtIn: readonly Link[]): LinkList {
  const { options, board, onChange } = context
  const brought = (options.links ?? []).map((start) =>
    start({ ...context, room: options.room, pageOf: board.pageOf }),
  )
  const carried = new Set<Link>()
  let isClosed = false
  const all = (): Link[] => [...builtIn, ...brought, ...carried]
  return {
    get all() {
      return all()
    },
    each: (task) => all().forEach(task),
    carry(port) {
      let link: Link | null = null
      let isOver = false
      void import('./in-band.js').then(
        ({ startInBandLink }) => {
          if (isOver || isClosed) return
          link = startInBandLink(
            {
              ...context,
              pageOf: board.linkedPage,
              isWhole: () => board.wholeness.isAll,
              standsBy: board.isSeated,
            },
            port,
          )
          carried.add(link)
          onChange()
        },
        () => context.reject('link-failed', 'in-band'),
      )
      return () => {
        isOver = true
        if (link === null || !carried.delete(link)) return
        link.close()
        onChange()
      }
    },
    close() {
      isClosed = true
      for (const link of all()) link.close()
      carried.clear()
    },
  }
}
