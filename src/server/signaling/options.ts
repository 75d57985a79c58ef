/** Everything that can be set on the signaling server, with its default and the reason for it. */
import { HoldfastError } from '../../errors.js'
import { SIGNALING_LIMITS } from '../limits.js'
import { LOOPBACK_HOST } from '../loopback.js'
import type { OpenBus } from './bus.js'
import { type Journal, silentJournal } from './journal.js'
import type { TokenOptions } from './room-tokens.js'

/** Limits by name; docs/limits.md has the reasons. */
export type SignalingLimits = { readonly [Name in keyof typeof SIGNALING_LIMITS]: number }

/** Options of `startSignaling`. */
export interface SignalingOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string
  /** Pages that may connect, by origin. Default: loopback pages on loopback, everybody elsewhere. */
  readonly allowOrigins?: readonly string[]
  /** Who may use which room. Default: everybody every room. */
  readonly tokens?: TokenOptions
  /** How processes share rooms. Default: this one is alone. */
  readonly bus?: OpenBus
  /** Serves `/metrics`; needs `prom-client`. Default false. */
  readonly hasMetrics?: boolean
  readonly limits?: Partial<SignalingLimits>
  /** How often a socket is pinged; one that left two unanswered is closed. Default 15 s, as the stock client does. */
  readonly pingIntervalMs?: number
  /** Longest time over which `drain` spreads its goodbyes. Default 5 s: orchestrators kill after 10 s. */
  readonly drainMs?: number
  /** Default: silent. */
  readonly journal?: Journal
}

/** Checked, with defaults. */
export interface ResolvedSignaling extends Required<Omit<SignalingOptions, 'tokens' | 'bus' | 'limits'>> {
  readonly tokens: TokenOptions | null
  readonly bus: OpenBus | null
  readonly limits: SignalingLimits
}

const PING_INTERVAL_MS = 15_000
const DRAIN_MS = 5_000

/**
 * Fills in defaults.
 *
 * @throws HoldfastError `invalid-options` for a limit or a time that is no positive number.
 */
export function resolveSignaling(options: SignalingOptions): ResolvedSignaling {
  const limits = { ...SIGNALING_LIMITS, ...options.limits }
  const { pingIntervalMs = PING_INTERVAL_MS, drainMs = DRAIN_MS } = options
  for (const [name, value] of Object.entries({ ...limits, pingIntervalMs, drainMs }))
    if (!Number.isFinite(value) || value <= 0)
      throw new HoldfastError('invalid-options', {
        message: `The limit ${name} must be a positive number.`,
        details: { field: name },
      })
  return {
    port: options.port ?? 0,
    host: options.host ?? LOOPBACK_HOST,
    allowOrigins: options.allowOrigins ?? [],
    tokens: options.tokens ?? null,
    bus: options.bus ?? null,
    hasMetrics: options.hasMetrics ?? false,
    limits,
    pingIntervalMs,
    drainMs,
    journal: options.journal ?? silentJournal,
  }
}
