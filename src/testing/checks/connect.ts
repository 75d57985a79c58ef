/** Checks of how a connection comes to be: inert adapters, statuses, aborting, refusals, unreachable servers. */
import { isHoldfastError } from '../../errors.js'
import type { ComplianceCheck } from '../compliance.js'
import { claim, rejectionOf, settled } from '../room.js'

/** See the file's comment. */
export const connectChecks: readonly ComplianceCheck[] = [
  {
    id: 'inert-until-connect',
    title: 'an adapter is inert until connect and has a valid id',
    async run(room) {
      const before = room.setup.openResources?.() ?? 0
      const provider = room.providerOf('ada')
      await room.quiet()
      claim(/^[a-z0-9-]{1,24}$/.test(provider.id), `the id ${provider.id} matches [a-z0-9-]{1,24}`)
      claim(provider.kind.length > 0, 'the kind is named')
      claim((room.setup.openResources?.() ?? 0) === before, 'making an adapter opens nothing')
    },
  },
  {
    id: 'capabilities-match',
    title: 'optional methods exist exactly when the capabilities say so',
    async run(room) {
      const { connection, provider } = await room.join('ada')
      const { data, iceRestart, keyFrame, sendCap, stats } = provider.capabilities
      const declared = {
        send: data !== null,
        restartIce: iceRestart,
        requestKeyFrame: keyFrame !== 'none',
        setSendCap: sendCap !== 'none',
        peerConnections: stats === 'rtc',
      }
      for (const [method, isDeclared] of Object.entries(declared)) {
        const isThere = typeof connection[method as keyof typeof declared] === 'function'
        claim(isThere === isDeclared, `${method} is ${isDeclared ? '' : 'not '}there, as declared`)
      }
    },
  },
  {
    id: 'connected-on-resolve',
    title: 'connect resolves connected, and no status is told twice',
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      claim(ada.connection.status.state === 'connected', `the state is connected on resolve`)
      await room.join('bea')
      await room.until('ada sees bea', () => ada.connection.peers.has('bea'))
      await room.quiet()
      const told = [
        'connected',
        ...ada.log.flatMap((entry) => (entry.name === 'status' ? [entry.event.state] : [])),
      ]
      claim(
        told.every((state, index) => state !== told[index - 1]),
        `no state repeats in ${told.join(', ')}`,
      )
    },
  },
  {
    id: 'knows-itself',
    title: 'a connection never shows its own participant as a peer',
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      const bea = await room.join('bea', { tracks: [room.track('camera', 1)] })
      await room.untilShown(ada, 'bea', ['camera'])
      await room.untilShown(bea, 'ada', ['camera'])
      claim(!ada.connection.peers.has('ada'), 'ada is no peer of ada')
      claim(ada.tracksOf('ada').length === 0, 'ada is shown no track of ada')
    },
  },
  {
    id: 'abort-before',
    title: 'an aborted signal rejects connect with its reason and opens nothing',
    async run(room) {
      const before = room.setup.openResources?.() ?? 0
      const signal = AbortSignal.abort('never mind')
      const reason = await rejectionOf(
        room.providerOf('ada').connect(room.request('ada', { signal })),
        room.limits.eventMs,
        'connect with an aborted signal rejects',
      )
      claim(reason === 'never mind', "it rejects with the signal's reason")
      claim((room.setup.openResources?.() ?? 0) === before, 'it opened nothing')
    },
  },
  {
    id: 'abort-during',
    title: 'aborting while connecting rejects with the reason and leaves nothing behind',
    async run(room) {
      const bea = await room.join('bea')
      const before = room.setup.openResources?.() ?? 0
      const abort = new AbortController()
      const track = room.track('camera')
      const connecting = room
        .providerOf('ada')
        .connect(room.request('ada', { signal: abort.signal, tracks: [track] }))
      abort.abort('too slow')
      const reason = await rejectionOf(connecting, room.limits.eventMs, 'aborted connect rejects')
      claim(reason === 'too slow', "it rejects with the signal's reason")
      claim(track.track.readyState === 'live', 'the given track is still live')
      await room.quiet()
      await room.until('nothing is left open', () => (room.setup.openResources?.() ?? before) <= before)
      await room.until('nobody is shown', () => !bea.connection.peers.has('ada'))
    },
  },
  {
    id: 'abort-after',
    title: 'aborting after connect has resolved changes nothing',
    async run(room) {
      const abort = new AbortController()
      const ada = await room.join('ada', { signal: abort.signal, tracks: [room.track('camera')] })
      abort.abort('late')
      await room.quiet()
      claim(ada.connection.status.state === 'connected', 'the connection stays connected')
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera'])
    },
  },
  {
    id: 'refused',
    title: 'a refused connect rejects with the right code',
    exemption: ({ faults }) => (faults?.refuse ? null : 'the setup cannot refuse'),
    async run(room) {
      const before = room.setup.openResources?.() ?? 0
      const code = await room.setup.faults?.refuse?.()
      const error = await rejectionOf(
        room.providerOf('ada').connect(room.request('ada')),
        room.limits.connectMs,
        'a refused connect rejects',
      )
      claim(isHoldfastError(error), `it rejects with a HoldfastError, not ${String(error)}`)
      claim(error.code === code, `the code is ${code}, not ${error.code}`)
      await room.until('nothing is left open', () => (room.setup.openResources?.() ?? before) <= before)
    },
  },
  {
    id: 'unreachable',
    title: 'connecting to nowhere rejects in time, retryable',
    exemption: ({ faults }) => (faults?.unreachable ? null : 'the setup has no unreachable provider'),
    async run(room) {
      const provider = room.setup.faults?.unreachable?.() ?? room.providerOf('ada')
      const error = await rejectionOf(
        provider.connect(room.request('ada')),
        room.limits.unreachableMs,
        'connecting to nowhere rejects',
      )
      claim(
        isHoldfastError(error, 'provider-network') || isHoldfastError(error, 'provider-timeout'),
        `the code is provider-network or provider-timeout, not ${String(error)}`,
      )
      claim(error.retryable, 'it is retryable')
    },
  },
  {
    id: 'cycles',
    title: 'twenty connects and leaves leave nothing behind',
    exemption: ({ openResources }) => (openResources ? null : 'the setup does not count resources'),
    async run(room) {
      const open = (): number => room.setup.openResources?.() ?? 0
      const before = open()
      const track = room.track('camera')
      for (let cycle = 0; cycle < CYCLES; cycle += 1) {
        const { connection } = await room.join('ada', { tracks: [track] })
        await settled(connection.leave(), LEAVE_LIMIT_MS, 'leave() settles')
      }
      await room.until(`${before} resources are open as before, not ${open()}`, () => open() <= before)
      claim(track.track.readyState === 'live', 'the track is still live')
    },
  },
]

/** Enough to see growth that is more than noise, few enough for a real server. */
const CYCLES = 20

/** The contract's bound on `leave()`. */
const LEAVE_LIMIT_MS = 3_000
