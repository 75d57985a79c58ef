import { expect, it } from 'vitest'
import { Awareness, outdatedTimeout } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { createPulse } from '../../../src/document/pulse.js'
import { manualClock } from './manual-clock.js'

/** How often awareness looks for states that are due. */
const LOOKS_EVERY_MS = 3000

it('pulses put off the next whole state once, and never so far that others forget it', () => {
  const awareness = new Awareness(new Y.Doc())
  const pulse = createPulse(awareness, manualClock())
  for (const name of ['Ana', 'Bob']) {
    awareness.setLocalState({ name })
    const saidAtMs = awareness.meta.get(awareness.clientID)?.lastUpdated ?? 0
    for (let beat = 0; beat < 5; beat += 1) pulse.send([beat])
    const laterMs = (awareness.meta.get(awareness.clientID)?.lastUpdated ?? 0) - saidAtMs
    expect(laterMs).toBeGreaterThan(0)
    expect(outdatedTimeout / 2 + laterMs + LOOKS_EVERY_MS).toBeLessThan(outdatedTimeout - 4000)
  }
  awareness.destroy()
})
