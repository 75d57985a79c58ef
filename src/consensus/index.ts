/** The agreement core as the document and the call use it. */
export { type AgreementInit, type AgreementState, createAgreement } from './agreement.js'
export { rankProviders } from './preference.js'
export type { CommittedRecord, LineageId, VoterId } from './record.js'
export { NO_BALLOT, type Register, type Registers } from './register.js'
export { type AgreementExplanation, candidates, explainAgreement, statusOf } from './status.js'
export {
  type AgreementStatus,
  type Effect,
  type Input,
  type SteppedInput,
  type StepResult,
  step,
  type View,
} from './step.js'
export type { AgreementTimings } from './timings.js'
