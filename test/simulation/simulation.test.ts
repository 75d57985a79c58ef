/**
 * Seeded runs of the whole protocol under faults. S1, S3 and the register invariants are checked after every
 * write; after the heal everybody must come to rest in one record. `HOLDFAST_SEEDS` sets the seeds per profile.
 */
import { expect, test } from 'vitest'
import { PROFILES, runSeed } from './profiles.js'

const SEEDS = Number(process.env.HOLDFAST_SEEDS ?? 20)

test.each(PROFILES)(
  'P02 nobody ends on another provider: %s',
  (profile) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { problems } = runSeed(profile, seed)
      expect(problems, `profile ${profile}, seed ${seed}`).toEqual([])
    }
  },
  SEEDS * 3000,
)
