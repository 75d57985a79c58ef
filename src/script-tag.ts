/**
 * Everything a page without a bundler needs, as the global `Holdfast`: the call, the providers and yjs itself,
 * so that a page which shares a document of its own does not load a second copy.
 */

export * as Y from 'yjs'
export * from './index.js'
export { type JanusOptions, janus } from './providers/janus.js'
export { createMemoryHub, memory } from './providers/memory.js'
export { mesh } from './providers/mesh.js'
export { type WhipOptions, whip } from './providers/whip.js'
