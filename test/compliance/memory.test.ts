import { describe, expect, it } from 'vitest'
import { createMemoryHub, memory, providerCompliance, runCheck } from '../../src/testing/index.js'
import { memorySetup } from '../support/memory-setup.js'

describe('memory adapter', () => {
  for (const check of providerCompliance)
    it(check.title, async (context) => {
      const result = await runCheck(check, memorySetup())
      if (result.outcome === 'skipped') {
        const reason = `does not apply: ${result.reason}`
        // The report carries what a test leaves in its meta, but no reason of a skip.
        Object.assign(context.task.meta, { reason })
        context.skip(reason)
      }
      expect(result.reason).toBeUndefined()
    })

  it('passes with a slow hub too', async () => {
    const hub = createMemoryHub({ delayMs: 20 })
    const setup = {
      ...memorySetup(),
      provider: (_: string, id?: string) => memory({ hub, ...(id ? { id } : {}) }),
    }
    for (const id of ['publish-declarative', 'late-joiner', 'remote-leave', 'abort-during']) {
      const check = providerCompliance.find((candidate) => candidate.id === id)
      if (!check) throw new Error(`no check ${id}`)
      expect(await runCheck(check, setup)).toMatchObject({ id, outcome: 'passed' })
    }
  })
})
