/**
 * The public exports of `holdfast`, nothing else. Providers, React hooks and the compliance suites are
 * entries of their own, so that an app loads only what it imports.
 */
export { createCall } from './call/call.js'
export type { Call, CallEvents, CallOptions, Logger } from './call/contract.js'
export type * from './call/snapshot.js'
export { CALL_STATES, type TransitionCheck, validateTransition } from './call/state.js'
export type { Clock } from './clock.js'
export type { CommittedRecord, LineageId, VoterId } from './consensus/record.js'
export type { Admission, AdmissionRequest, Auth } from './document/admission.js'
export type { LinkPath, LinkSnapshot } from './document/link.js'
export type { MakeYjsProvider, YjsProvider, YjsProviderContext } from './document/yjs-link.js'
export type { ErrorCode, ErrorDetails, ErrorOptions } from './errors.js'
export { ERROR_CODES, HoldfastError, isHoldfastError } from './errors.js'
export type { EventSource } from './events.js'
export type * from './health/verdict.js'
export type * from './history/attempt.js'
export type { Json } from './json.js'
export type * from './providers/provider.js'
