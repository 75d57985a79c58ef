/**
 * The executable half of the provider contract: a list of checks that every adapter passes, and a runner that
 * needs no test framework, so that the same checks run in vitest with fakes and inside a browser page with
 * real tracks. A check is left out only by a declared capability or a fault that the setup cannot cause, and
 * the report names it with the reason.
 *
 * Usage: describe the adapter once as a {@link ComplianceSetup}, then `await runCompliance(setup)` or, one
 * test per check, `for (const check of providerCompliance) it(check.title, () => runCheck(check, setup))`.
 */
import type { ErrorCode } from '../errors.js'
import type { Capabilities, LocalTrack, Provider, RemoteTrack, TrackSource } from '../providers/provider.js'
import type { NoticeBoardOptions } from './board.js'
import { connectChecks } from './checks/connect.js'
import { dataChecks } from './checks/data.js'
import { extraChecks } from './checks/extras.js'
import { faultChecks } from './checks/faults.js'
import { leaveChecks } from './checks/leave.js'
import { presenceChecks } from './checks/presence.js'
import { publishChecks } from './checks/publish.js'
import { renewalChecks } from './checks/renewal.js'
import { type ComplianceRoom, openRoom } from './room.js'

/** What the environment can do to the provider; a fault left out switches its checks off, by name. */
export interface ComplianceFaults {
  /** The server dies (SIGKILL): sockets close. */
  kill?(): Promise<void> | void
  /** The server is back after a kill; needed where `kill` is given. */
  revive?(): Promise<void> | void
  /** The server stops answering while sockets stay open (SIGSTOP). */
  hang?(): Promise<void> | void
  /** It goes on. */
  resume?(): Promise<void> | void
  /** The next connect is refused. Returns the code that `connect()` must reject with. */
  refuse?(): Promise<ErrorCode> | ErrorCode
  /** A provider whose address answers nobody. */
  unreachable?(): Provider
  /**
   * The page of a participant is gone without a goodbye, on the provider's side of things; the check itself
   * closes its place at the notice board.
   */
  crash?(room: string, peer: string): Promise<void> | void
}

/** How the suite makes and judges media. */
export interface ComplianceMedia {
  /**
   * A fresh track of ours. `marker` (0 to 5) shall be visible in it where `isFlowing` can tell, e.g. as a
   * colour; the setup stops it in `close()`.
   */
  createTrack(source: TrackSource, marker: number): LocalTrack
  /** Resolves true once this remote track shows media with the marker, false after the limit. */
  isFlowing?(remote: RemoteTrack, marker: number, limitMs: number): Promise<boolean>
}

/** Bounds in ms; the defaults suit a provider on the same machine. */
export interface ComplianceLimits {
  /** `connect()` resolves. Default 10 s. */
  readonly connectMs: number
  /** Something the contract promises becomes visible at another participant. Default 5 s. */
  readonly eventMs: number
  /** A crashed participant is gone. Default 15 s. */
  readonly crashMs: number
  /** `connect()` to nowhere rejects. Default 20 s. */
  readonly unreachableMs: number
  /** A hung server is asked; it must be suspected within a second. Default 800 ms. */
  readonly probeMs: number
  /** Silence long enough to conclude that nothing more comes. Default 300 ms. */
  readonly quietMs: number
}

/** An adapter with its surroundings, as the suite needs it. */
export interface ComplianceSetup {
  /** Printed in the report. */
  readonly title: string
  /** The adapter as one participant configures it; called once per participant and check, plus for `id`s. */
  provider(peer: string, id?: string): Provider
  readonly media: ComplianceMedia
  readonly faults?: ComplianceFaults
  readonly limits?: Partial<ComplianceLimits>
  readonly iceServers?: readonly RTCIceServer[]
  /** Default: no token. */
  token?(peer: string): Promise<string | undefined>
  /** Shapes the messages between participants (loss, repetition, delay). */
  readonly board?: NoticeBoardOptions
  /** Whether the server is reached by a socket whose death is known at once. Default: `capabilities.server`. */
  readonly hasSocket?: boolean
  /** How many peer connections, sockets and memberships are open now; switches the leak checks on. */
  openResources?(): number
  /** A fresh room name; default: unique per check. Needed where rooms must exist beforehand. */
  room?(): Promise<string> | string
  /** After each check: the server is up again, tracks stopped. */
  reset?(): Promise<void> | void
}

/** One promise of the contract. */
export interface ComplianceCheck {
  /** Stable key, kebab-case. */
  readonly id: string
  /** A sentence of behaviour. */
  readonly title: string
  /** Reason why the check does not apply, or null. */
  readonly exemption?: (setup: ComplianceSetup, capabilities: Capabilities) => string | null
  /** Throws when the promise is broken. */
  readonly run: (room: ComplianceRoom) => Promise<void>
}

/** What came of one check. */
export interface CheckResult {
  readonly id: string
  readonly title: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped. */
  readonly reason?: string
  readonly durationMs: number
}

/** What came of all. */
export interface ComplianceReport {
  readonly provider: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly results: readonly CheckResult[]
}

/** Options of {@link runCompliance}. */
export interface ComplianceOptions {
  /** Only these check ids. */
  readonly only?: readonly string[]
  /** Check ids that are left out, with the reason the report shall give. */
  readonly except?: Readonly<Record<string, string>>
  /** Called after each check, for progress. */
  readonly onResult?: (result: CheckResult) => void
}

/** Every check, in the order of a connection's life. */
export const providerCompliance: readonly ComplianceCheck[] = [
  ...connectChecks,
  ...publishChecks,
  ...presenceChecks,
  ...dataChecks,
  ...extraChecks,
  ...renewalChecks,
  ...faultChecks,
  ...leaveChecks,
]

/** No single promise takes longer; a check that hangs is a failed one. */
const CHECK_LIMIT_MS = 45_000

/** Runs all checks one after the other. Never rejects because of the adapter: read the report. */
export async function runCompliance(
  setup: ComplianceSetup,
  options: ComplianceOptions = {},
): Promise<ComplianceReport> {
  const results: CheckResult[] = []
  for (const check of providerCompliance) {
    if (options.only && !options.only.includes(check.id)) continue
    const exception = options.except?.[check.id]
    const result =
      exception === undefined ? await runCheck(check, setup) : resultOf(check, 'skipped', 0, exception)
    results.push(result)
    options.onResult?.(result)
  }
  const count = (outcome: CheckResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length
  return {
    provider: setup.title,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    results,
  }
}

/** Runs one check in a fresh room and tidies up. Never rejects because of the adapter. */
export async function runCheck(check: ComplianceCheck, setup: ComplianceSetup): Promise<CheckResult> {
  const exemption = check.exemption?.(setup, setup.provider('nobody').capabilities) ?? null
  if (exemption !== null) return resultOf(check, 'skipped', 0, exemption)
  const startedAtMs = performance.now()
  const room = await openRoom(setup)
  let failure: unknown = null
  try {
    await bounded(check.run(room))
  } catch (error) {
    failure = error
  }
  await room.close()
  await setup.reset?.()
  const durationMs = Math.round(performance.now() - startedAtMs)
  if (failure === null) return resultOf(check, 'passed', durationMs)
  return resultOf(check, 'failed', durationMs, failure instanceof Error ? failure.message : String(failure))
}

function resultOf(
  check: ComplianceCheck,
  outcome: CheckResult['outcome'],
  durationMs: number,
  reason?: string,
): CheckResult {
  return { id: check.id, title: check.title, outcome, durationMs, ...(reason === undefined ? {} : { reason }) }
}

function bounded(run: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no end after ${CHECK_LIMIT_MS} ms`)), CHECK_LIMIT_MS)
    run.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
