/**
 * The public exports of `holdfast`, nothing else. Providers, React hooks and the compliance suites are
 * entries of their own, so that an app loads only what it imports.
 */
export { createCall } from './call/call.js'
export type { Call, CallEvents, CallOptions, Logger } from './call/contract.js'
export type * from './call/health-view.js'
export type { CallMemory } from './call/memory.js'
export type { PatternFile } from './call/pattern-file.js'
export type {
  ActiveRecovery,
  CallRecovery,
  RecoveryFallback,
  RecoveryOptions,
  RecoveryPattern,
  RecoveryRequest,
  RecoveryStatus,
  RunOptions,
} from './call/recovery-contract.js'
export type { RecoveryFigures } from './call/recovery-figures.js'
export type * from './call/snapshot.js'
export { CALL_STATES, type TransitionCheck, validateTransition } from './call/state.js'
export type { WorkflowMetrics, WorkflowStatus } from './call/workflow-monitor.js'
export type { Clock } from './clock.js'
export type { CommittedRecord, LineageId, VoterId } from './consensus/record.js'
export type { Admission, AdmissionRequest, Auth } from './document/admission.js'
export type { LinkPath, LinkSnapshot } from './document/link.js'
export type { MakeYjsProvider, YjsProvider, YjsProviderContext } from './document/yjs-link.js'
export type { ErrorCode, ErrorDetails, ErrorOptions } from './errors.js'
export { ERROR_CODES, HoldfastError, isHoldfastError } from './errors.js'
export type { EventSource } from './events.js'
export type * from './health/alert.js'
export type { Limit } from './health/detectors/detector.js'
export type { DeviceFacts } from './health/facts.js'
export type { HealthOverview, HealthReport, PathFigures, TrackFigures } from './health/report.js'
export type * from './health/statistics.js'
export type { ThresholdOptions } from './health/thresholds.js'
export type * from './health/verdict.js'
export type * from './history/archive-contract.js'
export type * from './history/attempt.js'
export type { Json } from './json.js'
export type * from './providers/provider.js'
export type { RecoveryKind, RecoveryState } from './recovery/engine/contract.js'
export type { Incident, IncidentKind, OpenIncident } from './recovery/incident.js'
export type { ExplainedOption, RecoveryExplanation } from './recovery/incident-explanation.js'
export type { Metric } from './recovery/metrics.js'
export type { PreventionTally } from './recovery/prevention.js'
export type { RebuiltAttempt, RebuiltState } from './recovery/rebuild.js'
export type { CountedAttempt, RecoveryKpis, RecoveryStatistics, Tally } from './recovery/statistics.js'
export type { Abilities, Proof, Reach, Situation, Target } from './recovery/strategy.js'
export type { StepOutcome } from './recovery/workflow.js'
export type { WorkflowId } from './recovery/workflow-specs.js'
export { type AppStrategy, defineStrategy, type StrategyRun } from './repair/define-strategy.js'
export type { BreakerKey, BreakerState, BreakerStatus } from './repair/policies/breakers.js'
export type { PolicySpec } from './repair/policies/policy-spec.js'
export type { UserRequest } from './repair/world.js'
