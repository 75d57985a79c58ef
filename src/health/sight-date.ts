/** When others began to say what they say of a provider: they repeat it with every heartbeat. */

/** What another participant sees of a provider. */
export interface OtherSight {
  readonly participant: string
  readonly provider: string
  readonly sight: 'ok' | 'suspect' | 'dead' | 'unreachable'
  /** Page clock when this was heard. */
  readonly heardAtMs: number
}

/** The word of one other, with when it was first heard so. */
export interface DatedSight extends OtherSight {
  readonly saidAtMs: number
}

/** What ends media for all is noticed by others this much earlier at most: a closed socket before the last packet. */
const OTHERS_EARLIER_MS = 500

/** Dates what is said now: who says the same as before says it since then. */
export function dated(known: readonly DatedSight[], others: readonly OtherSight[]): readonly DatedSight[] {
  return others.map((other) => {
    const { participant, provider, sight, heardAtMs } = other
    const before = known.find((one) => one.participant === participant && one.provider === provider)
    return { ...other, saidAtMs: before?.sight === sight ? before.saidAtMs : heardAtMs }
  })
}

/** Whether it may tell of the same as a silence that began at `sinceMs`. */
export function beganWith({ saidAtMs }: DatedSight, sinceMs: number): boolean {
  return saidAtMs > sinceMs - OTHERS_EARLIER_MS
}
