/**
 * The mesh of data channels, begun half a second after a signaling server was reached: until then the servers carry
 * everything, because data channels to everybody cost all pages what the media of somebody who joins needs in the
 * same moment. Its code, y-webrtc and simple-peer among it, is loaded then too, on nobody's way to the first picture.
 */
import type { WebrtcLink, WebrtcLinkOptions } from './y-webrtc.js'

/** A mesh that may not have begun yet; nobody is linked before. */
export interface LateMesh extends WebrtcLink {
  /** A signaling server was reached, maybe again. */
  onServerOpen(): void
}

/** Loads the mesh. */
export type LoadMesh = () => Promise<typeof import('./y-webrtc.js')>

/** Prepares the mesh; nothing is loaded before a server was reached. */
export function createLateMesh(load: LoadMesh, options: WebrtcLinkOptions): LateMesh {
  const { clock, canSignal } = options
  let mesh: WebrtcLink | null = null
  let isWaiting = false
  let isDue = false
  let isClosed = false
  let isLoading = false
  let loadAgainAtMs = 0

  const begin = (): void => {
    isLoading = true
    loadAgainAtMs = clock.now() + LOAD_AGAIN_MS
    load().then(
      ({ startWebrtcLink }) => {
        isLoading = false
        if (isClosed) return
        mesh = startWebrtcLink(options)
        if (canSignal()) mesh.check()
      },
      () => {
        // The network may be away at this moment: the servers carry the document, and the next sweeps try again.
        isLoading = false
      },
    )
  }
  return {
    get linked() {
      return mesh?.linked ?? []
    },
    rttMs: (id) => mesh?.rttMs(id) ?? null,
    queuedBytes: () => mesh?.queuedBytes() ?? 0,
    receive: (from, body) => mesh?.receive(from, body),
    sweep(known) {
      if (mesh !== null) mesh.sweep(known)
      else if (isDue && !isLoading && clock.now() >= loadAgainAtMs) begin()
    },
    check: () => mesh?.check(),
    forget: (id) => mesh?.forget(id),
    onServerOpen() {
      if (mesh !== null) return mesh.check()
      if (isWaiting) return
      isWaiting = true
      clock.after(MESH_AFTER_MS, () => {
        isDue = true
        if (!isClosed) begin()
      })
    },
    close() {
      isClosed = true
      mesh?.close()
    },
  }
}

/** Until then the signaling servers carry everything: what joins needs the machine for its media. */
const MESH_AFTER_MS = 500
/** A chunk that could not be loaded is asked for again, but not by every sweep. */
const LOAD_AGAIN_MS = 5000
