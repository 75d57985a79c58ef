/** Checks of leaving: idempotent, bounded, silent afterwards. */
import type { ComplianceCheck } from '../compliance.js'
import { claim, type Participant, settled } from '../room.js'

/** See the file's comment. */
export const leaveChecks: readonly ComplianceCheck[] = [
  {
    id: 'leave-idempotent',
    title: 'leaving twice, at once or later, closes once',
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      const leaving = Promise.all([ada.connection.leave(), ada.connection.leave()])
      await settled(leaving, LEAVE_LIMIT_MS, 'leave() settles')
      await settled(ada.connection.leave(), LEAVE_LIMIT_MS, 'a later leave() settles')
      claim(closings(ada).length === 1, `closed is told once, not ${closings(ada).length} times`)
      claim(closings(ada)[0] === 'left', `the reason is left, not ${closings(ada)[0]}`)
      claim(ada.connection.status.state === 'closed', 'the state is closed')
      claim(!ada.connection.status.isRecoverable, 'closed is not recoverable')
      claim(ada.connection.tracks.size === 0 && ada.connection.peers.size === 0, 'nobody is shown any more')
    },
  },
  {
    id: 'silence-after-closed',
    title: 'nothing is told after closed, and late calls are harmless',
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea', { tracks: [room.track('camera')] })
      await room.untilShown(ada, 'bea', ['camera'])
      await ada.connection.leave()
      const told = ada.log.length
      claim(ada.log.at(-1)?.name === 'status', 'closed is the last thing told')
      await bea.connection.publish([room.track('microphone')])
      await settled(
        ada.connection.publish([room.track('camera')]).catch(() => undefined),
        room.limits.eventMs,
        'publish() after leave settles',
      )
      await room.join('cyd')
      await bea.connection.leave()
      await room.quiet()
      claim(ada.log.length === told, `silence, not ${ada.log.at(-1)?.name}`)
      claim(ada.connection.status.state === 'closed', 'closed stays closed')
    },
  },
  {
    id: 'leave-while-dead',
    title: 'leaving a dead provider settles within 3 s',
    exemption: ({ faults }) => (faults?.kill ? null : 'the setup cannot kill a server'),
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      await room.setup.faults?.kill?.()
      await settled(ada.connection.leave(), LEAVE_LIMIT_MS, 'leave() settles')
      claim(ada.connection.status.state === 'closed', 'the state is closed')
      await room.setup.faults?.revive?.()
    },
  },
  {
    id: 'leave-while-hung',
    title: 'leaving a hung provider settles within 3 s',
    exemption: ({ faults }) => (faults?.hang ? null : 'the setup cannot hang a server'),
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      await room.setup.faults?.hang?.()
      await settled(ada.connection.leave(), LEAVE_LIMIT_MS, 'leave() settles')
      claim(ada.connection.status.state === 'closed', 'the state is closed')
      await room.setup.faults?.resume?.()
    },
  },
  {
    id: 'leave-with-others',
    title: 'one participant leaving changes nothing between the others',
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      const bea = await room.join('bea', { tracks: [room.track('camera', 1)] })
      const cyd = await room.join('cyd', { tracks: [room.track('camera', 2)] })
      await room.untilShown(bea, 'cyd', ['camera'])
      await room.untilShown(cyd, 'bea', ['camera'])
      await room.untilShown(bea, 'ada', ['camera'])
      await ada.connection.leave()
      await room.untilShown(bea, 'ada', [])
      await room.untilShown(bea, 'cyd', ['camera'])
      await room.untilShown(cyd, 'bea', ['camera'])
      claim(bea.connection.status.state === 'connected', 'bea stays connected')
    },
  },
]

/** The contract's bound on `leave()`. */
const LEAVE_LIMIT_MS = 3_000

function closings(at: Participant): (string | undefined)[] {
  return at.log.flatMap((entry) =>
    entry.name === 'status' && entry.event.state === 'closed' ? [entry.event.reason] : [],
  )
}
