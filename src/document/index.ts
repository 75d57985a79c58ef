/**
 * What the call imports of this folder.
 */
export type { Admission, AdmissionRequest, Auth } from './admission.js'
export type {
  DocumentEvents,
  DocumentOptions,
  LinkFactory,
  LinkSnapshot,
  SharedDocument,
} from './contract.js'
export { openDocument } from './open-document.js'
export type { Presence, PresenceFacts, ProviderSight } from './presence.js'
