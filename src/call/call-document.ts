/** Opens the shared document the way a call wants it: its links, its tokens, and whose seat may be taken up again. */
import type { Clock } from '../clock.js'
import type { SharedDocument } from '../document/contract.js'
import type { LinkFactory } from '../document/link.js'
import { openDocument } from '../document/open-document.js'
import type { ResolvedOptions } from './options.js'

/**
 * Opens it.
 *
 * @throws HoldfastError as `openDocument` does.
 */
export async function openCallDocument(options: ResolvedOptions, clock: Clock): Promise<SharedDocument> {
  return openDocument({
    room: options.room,
    participant: options.me.id,
    name: options.me.name,
    signaling: options.signaling,
    iceServers: options.iceServers,
    clock,
    ...(options.links.length > 0 ? { links: await linksOf(options) } : {}),
    ...(options.auth === undefined ? {} : { auth: options.auth }),
    ...(options.keepSeat ? { keepSeat: ({ caps }) => fits(caps, options) } : {}),
    ...(options.password === undefined ? {} : { password: options.password }),
  })
}

/** Loaded by those who bring a link. */
async function linksOf({ links }: ResolvedOptions): Promise<readonly LinkFactory[]> {
  const { yjsLink } = await import('../document/yjs-link.js')
  return links.map(yjsLink)
}

/** A seat is kept for the same providers in the same order; a page that was changed meanwhile is a new voter. */
function fits(caps: readonly string[], { providers }: ResolvedOptions): boolean {
  return JSON.stringify(caps) === JSON.stringify(providers.map(({ id }) => id))
}
