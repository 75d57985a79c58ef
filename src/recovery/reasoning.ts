/**
 * Why this strategy and not another, in plain words and from numbers alone: the same choice always gives the
 * same text, so a log can be explained again later. Pure.
 */
import type { Choice, RankedOption } from './selection.js'
import { nameOf } from './texts.js'

/** What is said of a choice; `key` is stable for translation. */
export interface Reasoning {
  readonly key: 'fixed' | 'learned' | 'explored' | 'only-one'
  readonly text: string
}

const PER_CENT = 100

/** Explains a choice with its numbers and its runner-up. */
export function reasonOf({ strategy, by, ranking, confidence }: Choice): Reasoning {
  const chosen = ranking.find((option) => option.strategy === strategy)
  const runnerUp = ranking.find((option) => option.strategy !== strategy)
  if (chosen === undefined || runnerUp === undefined)
    return { key: 'only-one', text: 'Nothing else could be tried now.' }
  const numbers = `${expected(chosen)}; ${expected(runnerUp)}`
  if (by === 'explored')
    return { key: by, text: `Tried to learn whether it is better, at little risk: ${numbers}.` }
  if (by === 'learned') return { key: by, text: `Worked best here, ${percent(confidence)} sure: ${numbers}.` }
  return { key: by, text: `The usual order; nothing is surely better: ${numbers}.` }
}

function expected({ strategy, success, successMs, weight }: RankedOption): string {
  const known = weight < 1 ? ', not tried yet' : ''
  return `${nameOf(strategy)} succeeds in ${percent(success)} after ${(successMs / 1000).toFixed(1)} s${known}`
}

function percent(share: number): string {
  return `${Math.round(share * PER_CENT)} %`
}
