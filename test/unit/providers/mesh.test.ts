import { describe, expect, it } from 'vitest'
import { mesh } from '../../../src/providers/mesh.js'
import { createNoticeBoard } from '../../../src/testing/index.js'

describe('mesh adapter in Node', () => {
  it('can be made without WebRTC and declares that no server stands between participants', () => {
    expect(mesh()).toMatchObject({
      id: 'mesh',
      kind: 'mesh',
      capabilities: { server: false, iceRestart: true },
    })
  })

  it('says that the platform lacks WebRTC instead of failing oddly', async () => {
    const { directory, channel } = createNoticeBoard().seat('ada')
    const joining = mesh().connect({
      room: 'r',
      peer: 'ada',
      session: 's',
      token: async () => undefined,
      tracks: [],
      directory,
      channel,
      iceServers: [],
      signal: new AbortController().signal,
    })
    await expect(joining).rejects.toMatchObject({ code: 'provider-unsupported', retryable: false })
  })
})
