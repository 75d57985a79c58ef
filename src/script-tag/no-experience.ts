/** In place of what learns from repairs: a call from the script-tag file goes by fixed priorities, and says so. */
import type { Experience } from '../call/experience.js'

/** Nothing is learned here. */
export async function openExperience(): Promise<Experience | null> {
  return null
}
