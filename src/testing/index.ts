/**
 * For tests of adapters and apps: the compliance suite that every provider passes, a provider that needs
 * no network, and faults for a running call. Imports nothing of a test framework.
 */
export {
  createMemoryHub,
  type MemoryHub,
  type MemoryHubOptions,
  type MemoryOptions,
  memory,
} from '../providers/memory.js'
export { createNoticeBoard, type NoticeBoard, type NoticeBoardOptions, type NoticeSeat } from './board.js'
export {
  type CheckResult,
  type ComplianceCheck,
  type ComplianceFaults,
  type ComplianceLimits,
  type ComplianceMedia,
  type ComplianceOptions,
  type ComplianceReport,
  type ComplianceSetup,
  providerCompliance,
  runCheck,
  runCompliance,
} from './compliance.js'
export {
  createFaults,
  FAULT_KINDS,
  type Fault,
  type FaultKind,
  type Faults,
  type FaultsOptions,
  type FaultTarget,
} from './faults.js'
export type { ComplianceRoom, JoinOptions, LoggedEvent, Participant } from './room.js'
