import { complianceSpec } from '../support/compliance-spec.js'
import { startTestDev } from '../support/dev.js'

complianceSpec({
  title: 'whip',
  page: 'test/support/whip-page.ts',
  async start() {
    const dev = await startTestDev()
    const urlOf = (name: string): string => dev.sfus.find((sfu) => sfu.name === name)?.url ?? ''
    const on = (action: 'kill' | 'restart' | 'hang' | 'resume') => async () => {
      await dev[action]('east')
      return undefined
    }
    return {
      config: { east: urlOf('east'), west: urlOf('west') },
      faults: { kill: on('kill'), revive: on('restart'), hang: on('hang'), resume: on('resume') },
      stop: () => dev.close(),
    }
  },
})
