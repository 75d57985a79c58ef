/**
 * Everything a page without a bundler needs, as the global `Holdfast`: the call and the providers. The built
 * file is also its own health worker (`script-tag/worker-file.ts`), so it is all that a page has to serve.
 */
import './worker/worker.js'

export * from './index.js'
export { type JanusOptions, janus } from './providers/janus.js'
export { mesh } from './providers/mesh.js'
export { type WhipOptions, whip } from './providers/whip.js'
