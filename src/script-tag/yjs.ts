/**
 * In place of the whole of `yjs` in the script-tag build: what the document asks of it. A module that is
 * imported while running comes with everything it exports, and yjs has a third more than is used here.
 */
export { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector, mergeUpdates } from 'yjs'
