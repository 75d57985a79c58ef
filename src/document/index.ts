/**
 * What the call imports of this folder.
 */
export type { Admission, AdmissionRequest, Auth } from './admission.js'
export type {
  DocumentEvents,
  DocumentOptions,
  SharedDocument,
} from './contract.js'
export type { DataPort } from './in-band.js'
export type { LinkFactory, LinkPath, LinkSnapshot } from './link.js'
export { openDocument } from './open-document.js'
export type { Presence, PresenceFacts, ProviderSight } from './presence.js'
