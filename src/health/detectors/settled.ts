/** When a stream may be judged at all: beginnings are busy everywhere and tell nothing of what follows. */

/** A healthy call conceals and freezes for a moment while it starts (0.26 s measured, within 8 s). */
export const SETTLE_MS = 3_000
/** Encoders climb from a cautious bitrate for this long; until then limits are theirs, not the network's. */
export const RAMP_MS = 6_000

/** Whether a stream has been there for long enough. */
export function isSettled(view: { readonly ageMs: number }): boolean {
  return view.ageMs >= SETTLE_MS
}

/** Whether an encoder has had time to reach the bitrate that it can have. */
export function isRamped(view: { readonly ageMs: number }): boolean {
  return view.ageMs >= RAMP_MS
}
