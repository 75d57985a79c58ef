/** Checks of who is seen: leaving, crashing, two connections of one participant, hostile announcements. */
import type { Json } from '../../json.js'
import type { ComplianceCheck } from '../compliance.js'
import { type ComplianceRoom, claim } from '../room.js'

/** See the file's comment. */
export const presenceChecks: readonly ComplianceCheck[] = [
  {
    id: 'remote-leave',
    title: 'when somebody leaves, the tracks end before the participant goes, once each',
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera'), room.track('microphone')] })
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera', 'microphone'])
      const from = bea.log.length
      await ada.connection.leave()
      await room.until('bea sees ada go', () => !bea.connection.peers.has('ada'))
      await room.quiet()
      const told = bea.log
        .slice(from)
        .flatMap(({ name, event }) =>
          name === 'track-ended' ? ['ended'] : name === 'peer' ? [event.isPresent ? '+' : '-'] : [],
        )
      claim(told.join(' ') === 'ended ended -', `two ends, then the absence, not: ${told.join(' ')}`)
      claim(bea.tracksOf('ada').length === 0, 'no track of ada is kept')
    },
  },
  {
    id: 'remote-crash',
    title: 'a participant whose page crashed is gone within the bound',
    exemption: ({ faults }) => (faults?.crash ? null : 'the setup cannot crash a participant'),
    async run(room) {
      await room.join('ada', { tracks: [room.track('camera')] })
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera'])
      room.board.seat('ada').close()
      await room.setup.faults?.crash?.(room.name, 'ada')
      await room.untilShown(bea, 'ada', [], room.limits.crashMs)
      await room.until('ada is absent', () => !bea.connection.peers.has('ada'), room.limits.crashMs)
      claim(bea.connection.status.state === 'connected', 'bea herself stays connected')
    },
  },
  {
    id: 'return',
    title: 'a participant who left can come back, with a new session',
    async run(room) {
      const bea = await room.join('bea')
      for (const session of ['first-life', 'second-life']) {
        const ada = await room.join('ada', { session, tracks: [room.track('camera', 1)] })
        await room.untilShown(bea, 'ada', ['camera'])
        await ada.connection.leave()
        await room.untilShown(bea, 'ada', [])
      }
    },
  },
  {
    id: 'newer-beside-older',
    title: 'a newer connection of a participant outlives the older one',
    exemption: (_, { concurrent }) => (concurrent ? null : 'not concurrent'),
    async run(room) {
      const bea = await room.join('bea', { tracks: [room.track('camera', 1)] })
      const camera = room.track('camera', 2)
      const older = await room.join('ada', { tracks: [camera] })
      await room.untilShown(bea, 'ada', ['camera'])
      const newer = await room.join('ada', { tracks: [camera] })
      await room.untilShown(newer, 'bea', ['camera'])
      await older.connection.leave()
      await room.untilShown(bea, 'ada', ['camera'])
      await room.quiet()
      await room.untilShown(bea, 'ada', ['camera'])
      claim(bea.connection.peers.has('ada'), 'ada is still present')
      await isShowing(room, bea.tracksOf('ada', 'camera')[0], 2)
      await newer.connection.leave()
      await room.until('ada is absent', () => !bea.connection.peers.has('ada'))
    },
  },
  {
    id: 'side-by-side',
    title: 'two providers can carry the same tracks at once, and one can be left',
    exemption: (_, { concurrent }) => (concurrent ? null : 'not concurrent'),
    async run(room) {
      const tracks = [room.track('camera', 4)]
      const elsewhere = `${room.name}-b`
      const first = await room.join('ada', { tracks })
      const second = await room.join('ada', {
        tracks,
        room: elsewhere,
        provider: room.setup.provider('ada', 'other'),
      })
      claim(second.connection !== first.connection, 'they are two connections')
      await second.connection.leave()
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera'])
      claim(first.connection.status.state === 'connected', 'the first stays connected')
      claim(tracks[0]?.track.readyState === 'live', 'the track is still live')
      await isShowing(room, bea.tracksOf('ada', 'camera')[0], 4)
    },
  },
  {
    id: 'hostile-board',
    title: 'malformed directory entries and messages are ignored',
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera')] })
      for (const garbage of GARBAGE) {
        room.board.forgeEntry('mallory', garbage)
        room.board.forgeMessage('mallory', garbage)
      }
      await room.quiet()
      claim(ada.connection.status.state === 'connected', 'ada stays connected')
      const bea = await room.join('bea', { tracks: [room.track('camera', 1)] })
      await room.untilShown(ada, 'bea', ['camera'])
      await room.untilShown(bea, 'ada', ['camera'])
      claim(!ada.connection.peers.has('mallory'), 'mallory is no peer')
    },
  },
]

/** What a broken or hostile participant might put on the board. */
const GARBAGE: readonly Json[] = [
  0,
  '',
  [],
  {},
  true,
  { v: 1 },
  { v: 1, seat: 7, type: 'signal', data: { type: 'offer', sdp: 'v=0' } },
  { kind: 'sdp', seat: { nested: [] }, from: null, url: 'javascript:void 0' },
  { session: 'x'.repeat(2_000), seat: '\u0000', streams: [[[]]] },
  [{ type: 'bye' }, { type: 'hello' }],
]

async function isShowing(
  room: ComplianceRoom,
  track: Parameters<NonNullable<ComplianceRoom['setup']['media']['isFlowing']>>[0] | undefined,
  marker: number,
): Promise<void> {
  claim(track !== undefined, 'a track is shown')
  const { isFlowing } = room.setup.media
  if (isFlowing) claim(await isFlowing(track, marker, room.limits.eventMs), `its media shows marker ${marker}`)
}
