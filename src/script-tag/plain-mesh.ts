/**
 * In place of `document/late-mesh.ts` in the script-tag file, where all code is there from the start: only the first
 * connections wait.
 */
import type { LateMesh, LoadMesh } from '../document/late-mesh.js'
import { startWebrtcLink, type WebrtcLinkOptions } from '../document/y-webrtc.js'

/** As in `document/late-mesh.ts`. */
export function createLateMesh(_load: LoadMesh, options: WebrtcLinkOptions): LateMesh {
  const mesh = startWebrtcLink(options)
  const { receive } = mesh
  let isDue = false
  return Object.assign(mesh, {
    receive: (from: string, body: unknown) => isDue && receive(from, body),
    onServerOpen() {
      // What is announced while no server can be reached is dropped, and announced anew when one can.
      options.clock.after(isDue ? 0 : MESH_AFTER_MS, () => {
        isDue = true
        mesh.check()
      })
    },
  })
}

/** Until then the signaling servers carry everything: what joins needs the machine for its media. */
const MESH_AFTER_MS = 500
