/** Checks of what an adapter may offer beyond media: statistics, ICE restart, caps, key frames, probes. */
import type { ComplianceCheck } from '../compliance.js'
import { claim, type Participant, settled } from '../room.js'

/** See the file's comment. */
export const extraChecks: readonly ComplianceCheck[] = [
  {
    id: 'peer-connections',
    title: 'peer connections are there while connected, can be asked for statistics, and are gone after leave',
    exemption: (_, { stats }) => (stats === 'rtc' ? null : 'no peer connections declared'),
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera'])
      const entries = ada.connection.peerConnections?.() ?? []
      claim(entries.length > 0, 'there is at least one')
      claim(new Set(entries.map(({ id }) => id)).size === entries.length, 'their ids are unique')
      for (const { pc } of entries) claim((await pc.getStats()).size > 0, 'getStats() answers')
      await ada.connection.leave()
      claim((ada.connection.peerConnections?.() ?? []).length === 0, 'none is listed after leave')
      for (const { pc } of entries) claim(pc.connectionState === 'closed', 'each is closed after leave')
    },
  },
  {
    id: 'ice-restart',
    title: 'an ICE restart keeps tracks and media',
    exemption: (_, { iceRestart }) => (iceRestart ? null : 'no ICE restart declared'),
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera', 1)] })
      const bea = await room.join('bea', { tracks: [room.track('camera', 2)] })
      await room.untilShown(bea, 'ada', ['camera'])
      await room.untilShown(ada, 'bea', ['camera'])
      const ids = (at: Participant): string => [...at.connection.tracks.keys()].join(' ')
      const before = ids(ada) + ids(bea)
      const { isFlowing } = room.setup.media
      for (const [restarting, watching, marker] of [
        [ada, bea, 1],
        [bea, ada, 2],
      ] as const) {
        const restart = restarting.connection.restartIce?.() ?? Promise.resolve()
        await settled(restart, room.limits.connectMs, 'restartIce() settles')
        const camera = watching.tracksOf(restarting.peer, 'camera')[0]
        claim(camera !== undefined, 'the camera is still shown')
        if (isFlowing) claim(await isFlowing(camera, marker, room.limits.eventMs), 'its media still flows')
      }
      claim(ids(ada) + ids(bea) === before, 'the tracks are the same')
    },
  },
  {
    id: 'send-cap',
    title: 'a send cap is accepted and removed while publishing',
    exemption: (_, { sendCap }) => (sendCap === 'none' ? 'no send cap declared' : null),
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera', 1)] })
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera'])
      const caps = (): (number | undefined)[] =>
        (ada.connection.peerConnections?.() ?? []).flatMap(({ pc }) =>
          pc
            .getSenders()
            .filter(({ track }) => track?.kind === 'video')
            .flatMap((sender) => sender.getParameters().encodings.map(({ maxBitrate }) => maxBitrate)),
        )
      await ada.connection.setSendCap?.('camera', 150_000)
      if (ada.connection.peerConnections) claim(caps().includes(150_000), 'the encoder is capped')
      await ada.connection.setSendCap?.('camera', null)
      if (ada.connection.peerConnections) claim(!caps().includes(150_000), 'the cap is gone')
      await ada.connection.setSendCap?.('screen', 100_000)
    },
  },
  {
    id: 'key-frame',
    title: 'a key frame can be asked for, and a source that is not there is no error',
    exemption: (_, { keyFrame }) => (keyFrame === 'none' ? 'no key frames declared' : null),
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera', 1)] })
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera'])
      await ada.connection.requestKeyFrame?.('camera')
      await ada.connection.requestKeyFrame?.('screen')
    },
  },
  {
    id: 'probe',
    title: 'a probe of a living provider is answered and told',
    exemption: (setup, { server }) => (server && setup.faults?.hang ? null : 'no server that could hang'),
    async run(room) {
      const ada = await room.join('ada')
      claim(ada.connection.probe !== undefined, 'probe() is offered')
      claim(await ada.connection.probe(room.limits.eventMs), 'the provider answers')
      const answers = ada.log.filter(({ name, event }) => name === 'signal' && event.type === 'probe-answered')
      claim(answers.length > 0, 'the answer is told as a signal')
    },
  },
  {
    id: 'listeners',
    title: 'a listener can be removed, and one that throws breaks nobody',
    async run(room) {
      const ada = await room.join('ada')
      let removed = 0
      let later = 0
      const undo = ada.connection.on('peer', () => {
        removed += 1
      })
      undo()
      const errors = await withReportedErrors(async () => {
        ada.connection.on('peer', () => {
          throw new Error('a broken listener')
        })
        ada.connection.on('peer', () => {
          later += 1
        })
        const bea = await room.join('bea', { tracks: [room.track('camera')] })
        await room.untilShown(ada, 'bea', ['camera'])
        await bea.connection.leave()
        await room.until('bea is gone', () => !ada.connection.peers.has('bea'))
      })
      claim(later >= 2, 'the listener after the broken one hears everything')
      claim(removed === 0, 'a removed listener hears nothing')
      claim(errors > 0, 'what the broken one threw is reported')
    },
  },
  {
    id: 'cloneable-events',
    title: 'events can be posted to a worker, without their track, receiver and cause',
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea', { tracks: [room.track('camera')] })
      await room.untilShown(ada, 'bea', ['camera'])
      await bea.connection.leave()
      await room.until('bea is gone', () => !ada.connection.peers.has('bea'))
      for (const { name, event } of ada.log) {
        const bare = Object.entries(event).filter(([key]) => !['track', 'receiver', 'cause'].includes(key))
        structuredClone({ name, event: Object.fromEntries(bare) })
      }
    },
  },
]

// The platform would show the reported error as uncaught and fail the run, so it is counted instead.
async function withReportedErrors(run: () => Promise<void>): Promise<number> {
  const platform = globalThis as { reportError?: (error: unknown) => void }
  const original = platform.reportError
  let count = 0
  platform.reportError = () => {
    count += 1
  }
  try {
    await run()
  } finally {
    if (original) platform.reportError = original
    else delete platform.reportError
  }
  return count
}
