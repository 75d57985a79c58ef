/**
 * When the core acts. None of these figures takes part in a decision: two participants with different timings
 * still never decide differently, they only wait differently.
 */

/** Milliseconds that shape when the core acts, never what it decides. */
export interface AgreementTimings {
  /** T_hop: how long another lineage must look better before this voter moves to it. */
  readonly hopAfterMs: number
  /** T_fork: how long a quorum must be missing before this voter goes on provisionally. */
  readonly forkAfterMs: number
  /** T_round: how long an instance may stay undecided before a round is opened. */
  readonly roundAfterMs: number
  /** Added per rank, so that not everybody opens a round or forks in the same moment. */
  readonly roundStaggerMs: number
  /** T_warm: how long votes wait for connections to the candidate. */
  readonly warmUpMs: number
  /** How long a joining voter listens when it hears nobody. */
  readonly listenMinMs: number
  /** How long a joining voter listens at most. */
  readonly listenMaxMs: number
  /** T_dead: silence after which the shell takes a voter out of `live`. */
  readonly deadAfterMs: number
  /** How long the core itself does not want a provider again that has just failed here. */
  readonly retryAfterMs: number
}

/** Defaults, each with its reason. */
export const AGREEMENT_DEFAULTS: AgreementTimings = {
  // Longer than one document round trip between far continents plus a sync, so that a partial document is
  // complete before anybody moves; short enough to be lost in the time a person needs to notice.
  hopAfterMs: 700,
  // With T_dead and a hop it makes 3 s of silence until a call goes on (P03), which is most of the patience: who
  // comes back later merges within two seconds. Long enough for beats that waited behind a blocked page.
  forkAfterMs: 300,
  // Several round trips of a slow link: a round opened too early only makes contention.
  roundAfterMs: 1000,
  // About one round trip inside a continent, so that the first voter's round is seen before the second opens one.
  roundStaggerMs: 100,
  // A cold WebRTC connection takes 0.3 to 2 s; after 4 s waiting for the slowest costs more than it brings.
  warmUpMs: 4000,
  // Two signaling round trips: whoever is there has announced itself by then.
  listenMinMs: 400,
  // A peer that announced itself but cannot be reached must not keep a person out of the call.
  listenMaxMs: 2000,
  // Two missed heartbeats of one second and some delay; an eviction too early costs a record, no media.
  deadAfterMs: 2400,
  // A restarted media server takes some ten seconds; sooner would be the same failure again.
  retryAfterMs: 15_000,
}
