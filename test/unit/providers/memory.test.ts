import { describe, expect, it, vi } from 'vitest'
import { createMemoryHub, createNoticeBoard, memory } from '../../../src/testing/index.js'
import { fakeTrack } from '../../support/fake-track.js'

function joinerOf(hub = createMemoryHub()) {
  const board = createNoticeBoard()
  return {
    hub,
    join: (peer: string, tracks = [fakeTrack('camera')]) =>
      memory({ hub, connectTimeoutMs: 50 }).connect({
        room: 'r',
        peer,
        session: 's',
        token: async () => undefined,
        tracks,
        directory: board.seat(peer).directory,
        channel: board.seat(peer).channel,
        iceServers: [],
        signal: new AbortController().signal,
      }),
  }
}

describe('memory hub', () => {
  it('hands tracks across by copy and ends the copy with the publication', async () => {
    const { join } = joinerOf()
    const camera = fakeTrack('camera')
    const ada = await join('ada', [camera])
    const bea = await join('bea', [])
    await vi.waitFor(() => expect(bea.tracks.size).toBe(1))
    const copy = [...bea.tracks.values()][0]?.track
    expect(copy).not.toBe(camera.track)
    await ada.leave()
    await vi.waitFor(() => expect(copy?.readyState).toBe('ended'))
    expect(camera.track.readyState).toBe('live')
  })

  it('refuses while dead, times out while hung, and works again after revive and resume', async () => {
    const { hub, join } = joinerOf()
    hub.kill()
    await expect(join('ada')).rejects.toMatchObject({ code: 'provider-network' })
    hub.revive()
    hub.hang()
    await expect(join('ada')).rejects.toMatchObject({ code: 'provider-timeout' })
    hub.resume()
    expect((await join('bea')).status.state).toBe('connected')
  })

  it('lets media stand still while hung', async () => {
    const { hub, join } = joinerOf()
    await join('ada')
    const bea = await join('bea', [])
    await vi.waitFor(() => expect(bea.tracks.size).toBe(1))
    const copy = [...bea.tracks.values()][0]?.track
    hub.hang()
    expect(copy?.enabled).toBe(false)
    hub.resume()
    expect(copy?.enabled).toBe(true)
  })
})
