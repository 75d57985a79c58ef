/** Stands in for `document/link-paths.ts` in the script-tag file: of the signaling link it is told whom it reaches, not how. */
import type { LinkPaths } from '../document/link-paths.js'

const ignore = (): void => undefined

/** As in `document/link-paths.ts`; it stays empty. */
export function createLinkPaths(): LinkPaths<string> {
  return { heard: ignore, measured: ignore, forget: ignore, sweep: ignore, keys: [], reached: [], paths: [] }
}
