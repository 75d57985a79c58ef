/** Checks of repairs that an adapter may offer: receiving one participant anew. */
import type { ComplianceCheck } from '../compliance.js'
import { claim, settled } from '../room.js'

/** See the file's comment. */
export const renewalChecks: readonly ComplianceCheck[] = [
  {
    id: 'resubscribe',
    title: 'one participant is received anew, with media, and nobody else is disturbed',
    exemption: (_, { resubscribe }) => (resubscribe ? null : 'no new subscription declared'),
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea', { tracks: [room.track('camera', 1)] })
      const cyd = await room.join('cyd', { tracks: [room.track('camera', 2)] })
      await room.untilShown(ada, 'bea', ['camera'])
      await room.untilShown(ada, 'cyd', ['camera'])
      const { isFlowing } = room.setup.media
      const cameraOf = (peer: string) => ada.tracksOf(peer, 'camera')[0]
      const before = cameraOf('cyd')
      const told = ada.log.length
      const renewal = ada.connection.resubscribe?.('bea') ?? Promise.resolve()
      await settled(renewal, room.limits.connectMs, 'resubscribe() settles')
      await room.until('a track of bea is told again', () =>
        ada.log.slice(told).some(({ name, event }) => name === 'track' && event.peer === 'bea'),
      )
      await room.untilShown(ada, 'bea', ['camera'])
      const renewed = cameraOf('bea')
      claim(renewed !== undefined, 'the camera of bea is shown')
      if (isFlowing) claim(await isFlowing(renewed, 1, room.limits.eventMs), 'its media flows')
      claim(cameraOf('cyd')?.track === before?.track, 'what is shown of cyd is as before')
      claim(bea.connection.status.state === 'connected', 'bea is connected as before')
      claim(cyd.connection.status.state === 'connected', 'so is cyd')
      await settled(
        ada.connection.resubscribe?.('nobody') ?? Promise.resolve(),
        room.limits.eventMs,
        'a stranger is no error',
      )
    },
  },
]
