/** Plays the lab's scenarios and returns their figures; `scripts/lab.mjs` is the command. */
import type { Figure } from '../figure.js'
import { removeFolders } from './folders.js'
import { closeNetworks, sweepLeftovers, whyNoNetwork } from './network.js'
import { SCENARIOS } from './scenarios.js'
import { type Scenario, serveLabPages } from './stage.js'

export { whyNoNetwork } from './network.js'

/** Ends every network with all that runs in it; synchronous, for the moment in which the process ends. */
export function cleanUp(): void {
  closeNetworks()
  removeFolders()
}

/** Which scenarios to play and how. */
export interface LabOptions {
  /** Part of a name; null plays all. */
  readonly only: string | null
  readonly isSubset: boolean
  readonly trials: number
  readonly progress: (line: string) => void
}

/** Names of the scenarios that would be played. */
export const namesOf = (options: Pick<LabOptions, 'only' | 'isSubset'>): readonly string[] =>
  chosen(options).map(({ name }) => name)

/**
 * Plays them, crowded ones alone and the others two side by side; a scenario that fails is a figure that does not
 * hold. In the subset nothing is crowded.
 */
export async function runLab(options: LabOptions): Promise<readonly Figure[]> {
  const why = whyNoNetwork()
  if (why !== null) throw new Error(why)
  sweepLeftovers()
  const pages = await serveLabPages()
  const figures = new Map<string, readonly Figure[]>()
  const work = async (waiting: Scenario[]): Promise<void> => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift())
      figures.set(scenario.name, await play(scenario, options, pages))
  }
  const isAlone = ({ isCrowded }: Scenario): boolean => isCrowded && options.trials > FEW_TRIALS
  try {
    await work(chosen(options).filter(isAlone))
    const others = chosen(options).filter((scenario) => !isAlone(scenario))
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => work(others)))
  } finally {
    cleanUp()
    await pages.close()
  }
  return chosen(options).flatMap(({ name }) => figures.get(name) ?? [])
}

async function play(
  scenario: Scenario,
  options: LabOptions,
  pages: Awaited<ReturnType<typeof serveLabPages>>,
): Promise<readonly Figure[]> {
  const startedAtMs = Date.now()
  const tell = (line: string): void => options.progress(`${scenario.name}: ${line}`)
  try {
    const figures = await scenario.run({ pages, trials: options.trials, progress: tell })
    tell(`${((Date.now() - startedAtMs) / 1000).toFixed(0)} s`)
    return figures
  } catch (error) {
    tell(`failed: ${error instanceof Error ? error.message : String(error)}`)
    return [
      { name: `${scenario.name}: played to its end`, value: 0, unit: 'runs', bar: '>= 1', holds: false, n: 1 },
    ]
  }
}

function chosen({ only, isSubset }: Pick<LabOptions, 'only' | 'isSubset'>): readonly Scenario[] {
  return SCENARIOS.filter(
    (scenario) => (only === null || scenario.name.includes(only)) && (!isSubset || scenario.isInSubset),
  )
}

/** Outages are mostly waiting; more of them at once would disturb each other on two cores. */
const SIDE_BY_SIDE = 2
/** So few rooms are no crowd. */
const FEW_TRIALS = 4
