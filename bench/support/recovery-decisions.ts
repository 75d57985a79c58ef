/** What the pages of a lane decided in a run of suite `recovery`, and whether they can say why. */
import type { Attempt } from '../../src/index.js'
import type { Lane } from './recovery-lane.js'

/** Of all pages. */
export interface Decisions {
  readonly attempts: readonly Attempt[]
  /** Incidents and attempts, and how many of them have a complete explanation. */
  readonly decisions: number
  readonly explained: number
}

/** Attempts that ended since, of all pages, and how many decisions are explained completely. */
export async function decisionsSince(
  lane: Lane,
  marks: readonly number[],
  incidents: readonly ReadonlySet<string>[],
): Promise<Decisions> {
  const all = await Promise.all(
    lane.seats.map(async ({ page }, index) => {
      const attempts = await page.evaluate((mark) => {
        const names = ['recovered', 'recovery-failed']
        const since = window.rig.moments().slice(mark)
        return since.flatMap(({ name, detail }) => (names.includes(name) ? [detail as Attempt] : []))
      }, marks[index] ?? 0)
      const ids = [...attempts.map(({ id }) => id), ...(incidents[index] ?? [])]
      const explained = await page.evaluate((list) => window.watch.explained(list), ids)
      return { attempts, decisions: ids.length, explained }
    }),
  )
  return {
    attempts: all.flatMap(({ attempts }) => attempts),
    decisions: all.reduce((sum, { decisions }) => sum + decisions, 0),
    explained: all.reduce((sum, { explained }) => sum + explained, 0),
  }
}
