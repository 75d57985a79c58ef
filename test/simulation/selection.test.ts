/**
 * P01: many people start in the same moment with differently ordered lists; there is one result and no race.
 * `npm run sim -- --starts 1000000` plays more of them.
 */
import { expect, test } from 'vitest'
import { startTogether } from './documents/starts.js'

const STARTS = Number(process.env.HOLDFAST_STARTS ?? 300)

test(
  `P01 atomic selection: 0 races in ${STARTS} simulated simultaneous starts`,
  () => {
    expect(startTogether(STARTS)).toEqual({ starts: STARTS, races: [] })
  },
  STARTS * 500,
)
