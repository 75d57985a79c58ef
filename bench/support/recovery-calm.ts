/** The pause before a fault of suite `recovery`: it shall meet a call that is well, or the figures would be the last one's. */
import type { Lane } from './recovery-lane.js'
import { deadIn, isAllThere, isQuiet, wordsOf } from './recovery-look.js'
import type { Look } from './recovery-page.js'
import { settle } from './rig.js'

/** A call that is not well cannot show what a fault does. */
export class NotWell extends Error {
  constructor(
    message: string,
    /** Whose media is dead, as receiver or as sender. */
    readonly dead: readonly string[],
  ) {
    super(message)
  }
}

/** Looks in a row that find all well; at least one of them has a whole second behind it. */
export const WELL_LOOKS = 4
/** Short beside what is measured; a look costs a page some milliseconds. */
export const LOOK_EVERY_MS = 250
/** Before a fault fewer are enough: each looks a second back at pictures, and the last fault ended with four. */
const CALM_LOOKS = 2
/** Between two faults, so that alerts of the last are over. */
const CALM_LIMIT_MS = 10_000
/** With all media there, what is still under way is the tail of the last fault; a fresh call is there sooner. */
const BUSY_LIMIT_MS = 2_500
/** Alerts stay for seconds after their cause; those that are still there are not counted as told of the next one. */
const QUIET_WITHIN_MS = 1_000
/** Everybody sees and hears everybody, and nothing is under way; rejects when that does not come about. */
export async function calm(lane: Lane): Promise<readonly Look[]> {
  const startedAtMs = performance.now()
  let well = 0
  let there = 0
  for (;;) {
    const looks = await lane.look()
    there = isAllThere(looks) ? there + 1 : 0
    well = there > 0 && looks.every((look) => !look.isRepairing) ? well + 1 : 0
    const tookMs = performance.now() - startedAtMs
    if (there >= WELL_LOOKS && well === 0 && tookMs > BUSY_LIMIT_MS)
      throw new NotWell(`something was still under way: ${underWay(looks)}`, [])
    if (well >= CALM_LOOKS && (looks.every(isQuiet) || tookMs > QUIET_WITHIN_MS)) return looks
    if (tookMs > CALM_LIMIT_MS)
      throw new NotWell(`the call was not well before: ${wordsOf(looks)}`, deadIn(looks))
    await settle(LOOK_EVERY_MS)
  }
}

/** What is being repaired, in whose page. */
function underWay(looks: readonly Look[]): string {
  const busy = looks.filter(({ isRepairing }) => isRepairing)
  return busy.map(({ id, active }) => `${id}: ${active.map(({ incident }) => incident).join(' ')}`).join(', ')
}
