/**
 * Loads what was learned a moment after the call has joined: by then nothing of it can slow anything down, and
 * the first repair finds it in memory. Until then, and where it cannot be loaded, fixed priorities hold.
 */
import type { CallCore } from './core.js'
import type { Experience } from './experience.js'
import { namesIn } from './names.js'

/** A call that has as many repairs before it has well begun has other worries. */
const UNTOLD_MAX = 64

/** Joining is over, and so is the rush of the first connections. */
const LOAD_AFTER_MS = 1500

/**
 * Loads it into `core.experience` once the call has joined. Returns a function that loads it at once and resolves
 * with it, or with null where it cannot be had.
 */
export function loadExperience(
  core: CallCore,
  joined: Promise<void>,
  isClosed: () => boolean,
): () => Promise<Experience | null> {
  let loading: Promise<Experience | null> | null = null
  const load = (): Promise<Experience | null> => {
    loading ??= openInto(core, isClosed).catch((cause: unknown) => {
      core.options.logger.warn('learning could not be loaded', { cause })
      return null
    })
    return loading
  }
  const loadLater = (): void => {
    core.clock.after(LOAD_AFTER_MS, () => {
      if (!isClosed()) void load()
    })
  }
  // Who did not join has nothing to repair.
  joined.then(loadLater, () => undefined)
  return load
}

/** Tells it of a decision, at once or as soon as it is loaded: what is repaired before is explained like the rest. */
export function tellExperience(
  core: Pick<CallCore, 'experience' | 'untold'>,
  tell: (experience: Experience) => void,
): void {
  core.untold ??= []
  if (core.experience !== null) tell(core.experience)
  else if (core.untold.length < UNTOLD_MAX) core.untold.push(tell)
}

async function openInto(core: CallCore, isClosed: () => boolean): Promise<Experience | null> {
  const [{ openExperience }, { createGuard }] = await Promise.all([
    import('./experience.js'),
    import('./recovery-guard.js'),
  ])
  const experience = await openExperience(optionsOf(core))
  if (isClosed()) {
    experience?.close()
    return null
  }
  core.experience = experience
  core.archive = experience?.archive ?? null
  core.guard = createGuard(core, core.options.recovery)
  if (experience) for (const tell of core.untold ?? []) tell(experience)
  core.requestRefresh()
  return experience
}

function optionsOf(core: CallCore): Parameters<typeof import('./experience.js').openExperience>[0] {
  const { options, history, clock, document } = core
  return {
    history,
    clock,
    me: options.me.id,
    isLearning: options.learning,
    kindOf: (provider) => options.providers.find(({ id }) => id === provider)?.kind ?? 'unknown',
    names: () => namesIn(core),
    learned: () => [...document.presence().values()].flatMap(({ learned }) => learned ?? []),
    announce: (learned) => document.announce({ learned }),
    random: Math.random,
  }
}
