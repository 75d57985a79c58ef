/** In place of what has repairs wait while the call moves: in the script-tag file they begin at once. */

/** At once. */
export const firstAtMs = (): number => 0

/** Nobody looks. */
export const hasHealed = (): boolean => false

/** The same time for all. */
export const isOverdue = (runningMs: number): boolean => runningMs > 4_000
