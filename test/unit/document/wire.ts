/** A perfect network between pages of one process: documents and awareness reach everybody at once. */
import { applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { applyUpdate, encodeStateAsUpdate } from 'yjs'
import type { LinkContext, LinkFactory } from '../../../src/document/link.js'

type Context = Pick<LinkContext, 'doc' | 'awareness'>

/** Makes the network; each page's document gets the same factory. */
export function wire(): LinkFactory & { readonly pages: ReadonlySet<Context> } {
  const pages = new Set<Context>()
  const factory: LinkFactory = (own) => {
    const { doc, awareness } = own
    const toOthers = (send: (other: Context) => void): void => {
      if (pages.has(own)) for (const other of pages) if (other !== own) send(other)
    }
    const onUpdate = (update: Uint8Array): void => toOthers((other) => applyUpdate(other.doc, update))
    const onAwareness = ({ added, updated }: { added: number[]; updated: number[] }, origin: unknown): void => {
      if (origin !== 'local') return
      const state = encodeAwarenessUpdate(awareness, [...added, ...updated])
      toOthers((other) => applyAwarenessUpdate(other.awareness, state, 'wire'))
    }
    for (const other of pages) {
      applyUpdate(doc, encodeStateAsUpdate(other.doc))
      applyUpdate(other.doc, encodeStateAsUpdate(doc))
      const states = encodeAwarenessUpdate(other.awareness, [other.awareness.clientID])
      applyAwarenessUpdate(awareness, states, 'wire')
      applyAwarenessUpdate(other.awareness, encodeAwarenessUpdate(awareness, [awareness.clientID]), 'wire')
    }
    pages.add(own)
    doc.on('update', onUpdate)
    awareness.on('update', onAwareness)
    return {
      snapshot: () => ({ kind: 'wire', state: 'connected', peers: [], paths: [] }),
      close: () => void pages.delete(own),
    }
  }
  return Object.assign(factory, { pages })
}
