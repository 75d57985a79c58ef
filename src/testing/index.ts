/**
 * For tests of adapters and apps: the compliance suite that every provider passes, and a provider that needs
 * no network. Imports nothing of a test framework.
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
export type { ComplianceRoom, JoinOptions, LoggedEvent, Participant } from './room.js'
