import { test } from '@playwright/test'
import { complianceSpec } from '../support/compliance-spec.js'
import { startTwoJanus, whyNoJanus } from '../support/janus.js'

const missing = whyNoJanus()
test.skip(missing !== undefined, missing ?? '')

complianceSpec({
  title: 'janus',
  page: 'test/support/janus-page.ts',
  async start() {
    const { east, west } = await startTwoJanus()
    const on = (action: 'kill' | 'restart' | 'hang' | 'resume') => async () => {
      await east[action]()
      return undefined
    }
    return {
      config: { east: east.url, west: west.url },
      faults: { kill: on('kill'), revive: on('restart'), hang: on('hang'), resume: on('resume') },
      stop: async () => {
        await Promise.all([east.close(), west.close()])
      },
    }
  },
})
