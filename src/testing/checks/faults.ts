/** Checks of what an adapter tells when its server dies or stops answering. */
import type { ComplianceCheck } from '../compliance.js'
import { claim, type Participant, settled } from '../room.js'

/** See the file's comment. */
export const faultChecks: readonly ComplianceCheck[] = [
  {
    id: 'server-killed',
    title: 'when the server dies, the evidence comes at once and the status says so with a reason',
    exemption: ({ faults }) => (faults?.kill ? null : 'the setup cannot kill a server'),
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      await room.setup.faults?.kill?.()
      if (room.setup.hasSocket ?? ada.provider.capabilities.server)
        await room.until('socket-closed is told', () => hasSignal(ada, 'socket-closed'), EVIDENCE_LIMIT_MS)
      else claim(!(await ada.connection.probe?.(EVIDENCE_LIMIT_MS)), 'a probe is not answered')
      await room.until(
        'the status is failed or reconnecting',
        () => ['failed', 'reconnecting'].includes(ada.connection.status.state),
        room.limits.crashMs,
      )
      claim(ada.connection.status.reason !== undefined, 'the status has a reason')
      const { state, isRecoverable } = ada.connection.status
      claim(isRecoverable === (state === 'reconnecting'), `isRecoverable fits ${state}`)
      await room.setup.faults?.revive?.()
    },
  },
  {
    id: 'server-hung',
    title: 'a hung server answers no probe, and a resumed one does',
    exemption: ({ faults }) => (faults?.hang && faults.resume ? null : 'the setup cannot hang a server'),
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      const probe = ada.connection.probe
      claim(probe !== undefined, 'probe() is offered')
      await room.setup.faults?.hang?.()
      const isAlive = await settled(
        ada.connection.probe?.(room.limits.probeMs) ?? Promise.resolve(true),
        room.limits.probeMs * 2,
        'a probe settles by its limit',
      )
      claim(!isAlive, 'a hung server does not answer')
      claim(hasSignal(ada, 'probe-timeout'), 'the missing answer is told as a signal')
      claim(ada.connection.status.state !== 'closed', 'nothing is closed without a leave')
      await room.setup.faults?.resume?.()
      claim((await ada.connection.probe?.(room.limits.eventMs)) === true, 'a resumed server answers')
    },
  },
  {
    id: 'reconnect-after-kill',
    title: 'after a kill and a restart a new connect works',
    exemption: ({ faults }) => (faults?.kill && faults.revive ? null : 'the setup cannot revive a server'),
    async run(room) {
      const old = await room.join('ada')
      await room.setup.faults?.kill?.()
      await room.setup.faults?.revive?.()
      await settled(old.connection.leave(), LEAVE_LIMIT_MS, 'the dead connection can be left')
      const ada = await room.join('ada', { tracks: [room.track('camera', 1)] })
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera'])
      claim(ada.connection.status.state === 'connected', 'ada is connected again')
    },
  },
]

/** A closed socket is known within a moment; two seconds forgive a busy machine. */
const EVIDENCE_LIMIT_MS = 2_000

/** The contract's bound on `leave()`. */
const LEAVE_LIMIT_MS = 3_000

function hasSignal(at: Participant, type: string): boolean {
  return at.log.some(({ name, event }) => name === 'signal' && event.type === type)
}
