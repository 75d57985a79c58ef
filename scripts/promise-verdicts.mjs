/**
 * Which tests say that they keep a promise, which results are theirs, and what these results are worth. Pure: the
 * files are read and the tests are run by `promises.mjs`.
 */
import { CARRIES_ID } from './promise-results.mjs'

/** A string that begins with one or more ids, in any of the three quotes. */
const TITLE = /(['"`])((?:P\d{2} )+(?:\\.|(?!\1)[^\\\n])*)\1/g
/** Where a title varies: `${name}`, or what vitest's `each` puts in. */
const VARIABLE = /\$\{[^}]*\}+|\$\w+|%[sif]/
/** A file that a runner runs; what others hold is run by the files that import them. */
const RUNNABLE = /\.(?:test|spec)\.tsx?$/

/** Every title of a file that begins with ids. One that no runner knows has no results, so it keeps nothing. */
export function titlesIn(text, file) {
  return [...text.matchAll(TITLE)].map(([, , raw]) => {
    const title = raw.replace(/\\(.)/g, '$1')
    const ids = title.match(CARRIES_ID)[0].trim().split(' ')
    return { title, ids, file, pattern: patternOf(title) }
  })
}

/** Whether a file is run by itself. */
export function isRunnable(file) {
  return RUNNABLE.test(file)
}

/** Results of a test by file and title; those of everything in the group where it is the title of a group. */
export function resultsOf({ pattern, file }, all) {
  return all.filter(
    (result) =>
      (!isRunnable(file) || result.file === file) && result.titles.some((title) => pattern.test(title)),
  )
}

/** One word for all runs of one title: it may have several, by parameters and by provider. */
export function judged(runs) {
  const count = (outcome) => runs.filter((run) => run.outcome === outcome).length
  const reason = runs.find(({ outcome }) => outcome === 'skipped')?.reason
  if (count('failed') > 0) return { text: `FAILED (${count('failed')} of ${runs.length})`, isKept: false }
  if (count('passed') === 0) return { text: reason ? `not run (${reason})` : 'not run', isKept: false }
  const times = count('passed') > 1 ? ` (${count('passed')})` : ''
  return { text: `passed${times}${reason ? `, ${count('skipped')} skipped (${reason})` : ''}`, isKept: true }
}

/** What the title may read once its variables are filled in. */
function patternOf(title) {
  const fixed = title
    .split(new RegExp(VARIABLE, 'g'))
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  // `%%` in a title of `each` is printed as one.
  return new RegExp(`^${fixed.join('.*').replaceAll('%%', '%')}$`, 's')
}
