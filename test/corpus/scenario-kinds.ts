/** How most scenarios are put together. */
import type { AccessLink, Shape } from './links.js'
import type { Topology } from './recording.js'
import type { Scenario, Take } from './scenario.js'
import type { Stage } from './stage.js'

const ALL: readonly Topology[] = ['pair', 'mesh', 'sfu']

type Common = Omit<Scenario, 'inject'>

/** Four before the fault, eight with it. */
const SECONDS = 12

/** What scenarios share. */
export function base(label: string, culprit: Scenario['culprit'], note: string, topologies = ALL): Common {
  return { label, culprit, note, seconds: SECONDS, topologies }
}

/** Nothing is wrong. */
export function healthy(
  label: string,
  note: string,
  inject: (stage: Stage, take: Take) => Promise<void>,
): Scenario {
  return { ...base(label, 'none', note), isNobodys: true, inject }
}

/** The access link of one participant changes for the rest of the recording. */
export function network(
  label: string,
  culprit: Scenario['culprit'],
  note: string,
  change: (link: AccessLink, take: Take) => void,
): Scenario {
  return {
    ...base(label, culprit, note),
    async inject(stage, take) {
      await stage.until(take.fromMs)
      change(stage.link(take.at), take)
    },
  }
}

/** A device of one participant breaks. */
export function device(
  label: string,
  note: string,
  breakIt: (stage: Stage, take: Take) => Promise<void>,
  seconds = SECONDS,
): Scenario {
  return {
    ...base(label, 'device', note),
    seconds,
    async inject(stage, take) {
      await stage.until(take.fromMs)
      await breakIt(stage, take)
    },
  }
}

/** Changes both directions. */
export function both(link: AccessLink, change: Partial<Shape>): void {
  Object.assign(link.up, change)
  Object.assign(link.down, change)
}

/** Does the same on every page. */
export async function everyPage(stage: Stage, change: () => void): Promise<void> {
  await Promise.all(stage.ids.map((id) => stage.page(id).evaluate(change)))
}

/** The session dies with its page before it can answer. */
export function ignoreCrash(): undefined {
  return undefined
}
