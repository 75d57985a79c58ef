import { describe, expect, it } from 'vitest'
import type { DeskState } from '../../../src/call/recovery-acts.js'
import { createControls } from '../../../src/call/recovery-controls.js'
import { createGuard } from '../../../src/call/recovery-guard.js'
import type { Archive, ArchiveEvent } from '../../../src/history/archive-contract.js'
import { createFakeCore } from '../../support/fake-core.js'

function rig() {
  const core = createFakeCore()
  const audited: string[] = []
  const append = async ({ kind, facts }: ArchiveEvent) => void audited.push(`${kind} ${facts.id}`)
  core.archive = { audit: { append } } as unknown as Archive
  core.guard = createGuard(core)
  const { api } = createControls({ core } as unknown as DeskState)
  return { core, audited, workflows: api.workflows }
}

describe('workflows by hand', () => {
  it('P33 P35 are started, shown and broken off, and each of it is audited', async () => {
    const { core, audited, workflows } = rig()
    expect(await workflows.start('rate-limit', 'west')).toBe(true)
    expect(await workflows.start('rate-limit', 'west')).toBe(false)
    expect(await workflows.status()).toMatchObject([{ id: 'rate-limit', subject: 'west', kind: 'manual' }])
    await workflows.cancel('rate-limit')
    expect(audited).toEqual([
      'recovery-workflow-start rate-limit',
      'recovery-workflow-start rate-limit',
      'recovery-workflow-cancel rate-limit',
    ])
    core.guard?.stop()
  })

  it('P35 refuse what they do not know, and a provider where it does not belong', async () => {
    const { core, workflows } = rig()
    await expect(workflows.start('nothing' as 'cache')).rejects.toMatchObject({ code: 'invalid-options' })
    await expect(workflows.start('provider-api')).rejects.toMatchObject({ details: { field: 'provider' } })
    await expect(workflows.start('provider-api', 'nowhere')).rejects.toMatchObject({ code: 'invalid-options' })
    await expect(workflows.start('storage', 'west')).rejects.toMatchObject({ details: { field: 'provider' } })
    core.guard?.stop()
  })

  it('are none before the guard is there', async () => {
    const { core, workflows } = rig()
    core.guard?.stop()
    core.guard = null
    expect([await workflows.status(), await workflows.start('cache')]).toEqual([[], false])
  })
})
