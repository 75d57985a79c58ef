/** Stands in for `document/pulse-echoes.ts` in the script-tag file: over signaling it measures no round trips. */
import type { PulseEchoes } from '../document/pulse-echoes.js'

/** Answers nobody and asks nobody. */
export function createPulseEchoes<Key>(): PulseEchoes<Key> {
  return { sending: () => null, heard: () => undefined }
}
