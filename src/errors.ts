/**
 * The one error type of the package; the table of its codes is `error-codes.ts`.
 *
 * Codes are strings because numbers collide; guards look at name and code, not at `instanceof`, because the
 * ESM build, the script-tag build and the worker each have a copy of this class. `docs/errors.md` has one
 * heading per code.
 */
import { ERROR_CODES } from './error-codes.js'

export { ERROR_CODES }

/** Every code a {@link HoldfastError} can carry. */
export type ErrorCode = keyof typeof ERROR_CODES

/** Small flat facts beside an error; never tokens, SDP or addresses. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/** What {@link HoldfastError} takes beside its code. */
export interface ErrorOptions {
  /** Replaces the code's default message. */
  readonly message?: string
  readonly cause?: unknown
  readonly details?: ErrorDetails
  /** Overrides the table where one occurrence differs, e.g. an HTTP 503 that carries Retry-After. */
  readonly retryable?: boolean
}

/**
 * The only error class that Holdfast throws or reports.
 *
 * @example
 * ```ts
 * try { await call.join() } catch (error) {
 *   if (isHoldfastError(error, 'provider-auth')) renewToken()
 * }
 * ```
 */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError'
  readonly code: ErrorCode
  /** Whether the same attempt may succeed later without anything being changed. */
  readonly retryable: boolean
  readonly details: ErrorDetails

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(
      options.message ?? ERROR_CODES[code].message,
      'cause' in options ? { cause: options.cause } : undefined,
    )
    this.code = code
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable
    this.details = options.details ?? {}
  }
}

/** True for a Holdfast error, of the given code if one is named; works across copies of the package. */
export function isHoldfastError(value: unknown, code?: ErrorCode): value is HoldfastError {
  if (typeof value !== 'object' || value === null) return false
  const candidate = value as { name?: unknown; code?: unknown }
  if (candidate.name !== 'HoldfastError' || typeof candidate.code !== 'string') return false
  return code === undefined || candidate.code === code
}
