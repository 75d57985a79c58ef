/** Stands in for `document/yjs-link.ts`: apps without a bundler have no Yjs providers that share our Yjs. */
import { HoldfastError } from '../errors.js'

/** @throws HoldfastError `invalid-options` always. */
export function yjsLink(): never {
  throw new HoldfastError('invalid-options', {
    message: 'The script-tag build has no `links`; use the package.',
    details: { field: 'links' },
  })
}
