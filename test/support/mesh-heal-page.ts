/** What the compliance suite cannot ask of every adapter: how the mesh heals a broken link. */
import { mesh } from '../../src/providers/mesh.js'
import { openRoom } from '../../src/testing/room.js'
import { pageSetup } from './compliance-page.js'

declare global {
  interface Window {
    /** Breaks the link from one side; resolves to the ms until both cameras are shown again, anew. */
    healAfter?: (broken: 'ada' | 'bea') => Promise<{ readonly shownMs: number; readonly isFlowing: boolean }>
  }
}

window.healAfter = async (broken) => {
  const setup = { ...pageSetup(), title: 'mesh', provider: () => mesh(), limits: { eventMs: 8_000 } }
  const room = await openRoom(setup)
  const ada = await room.join('ada', { tracks: [room.track('camera', 1)] })
  const bea = await room.join('bea', { tracks: [room.track('camera', 2)] })
  await room.untilShown(ada, 'bea', ['camera'])
  await room.untilShown(bea, 'ada', ['camera'])
  const idAt = (): string => `${ada.tracksOf('bea')[0]?.id} ${bea.tracksOf('ada')[0]?.id}`
  const before = idAt().split(' ')
  const startedAtMs = performance.now()
  for (const { pc } of (broken === 'ada' ? ada : bea).connection.peerConnections?.() ?? []) pc.close()
  await room.until('both cameras are shown anew', () =>
    idAt()
      .split(' ')
      .every((id) => id !== 'undefined' && !before.includes(id)),
  )
  const shownMs = Math.round(performance.now() - startedAtMs)
  const camera = bea.tracksOf('ada')[0]
  const isFlowing = camera !== undefined && (await setup.media.isFlowing?.(camera, 1, 5_000)) === true
  await room.close()
  await setup.reset()
  return { shownMs, isFlowing }
}
