/** Checks of publishing: declarative, idempotent, live, and gentle with the tracks it was given. */
import type { ComplianceCheck } from '../compliance.js'
import { type ComplianceRoom, claim, type Participant } from '../room.js'

/** See the file's comment. */
export const publishChecks: readonly ComplianceCheck[] = [
  {
    id: 'publish-declarative',
    title: 'after publish exactly the given tracks are published',
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea')
      const camera = room.track('camera')
      const microphone = room.track('microphone')
      await ada.connection.publish([camera])
      await room.untilShown(bea, 'ada', ['camera'])
      await ada.connection.publish([camera, microphone])
      await room.untilShown(bea, 'ada', ['camera', 'microphone'])
      await ada.connection.publish([microphone])
      await room.untilShown(bea, 'ada', ['microphone'])
      await ada.connection.publish([])
      await room.untilShown(bea, 'ada', [])
      await ada.connection.publish([camera])
      await room.untilShown(bea, 'ada', ['camera'])
    },
  },
  {
    id: 'publish-idempotent',
    title: 'publishing the same tracks again is one publication and no event',
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea')
      const camera = room.track('camera')
      await ada.connection.publish([camera])
      await room.untilShown(bea, 'ada', ['camera'])
      await room.quiet()
      const told = trackMoments(bea)
      await Promise.all([ada.connection.publish([camera]), ada.connection.publish([camera])])
      await room.quiet()
      claim(bea.tracksOf('ada', 'camera').length === 1, 'one camera is shown')
      claim(trackMoments(bea) === told, 'nothing was told again')
    },
  },
  {
    id: 'publish-latest-wins',
    title: 'of overlapping publish calls the last one wins',
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea')
      const camera = room.track('camera')
      const microphone = room.track('microphone')
      await Promise.all([
        ada.connection.publish([camera, microphone]),
        ada.connection.publish([]),
        ada.connection.publish([microphone]),
      ])
      await room.untilShown(bea, 'ada', ['microphone'])
      await room.quiet()
      await room.untilShown(bea, 'ada', ['microphone'])
    },
  },
  {
    id: 'warm-standby',
    title: 'a connection without tracks sees the others and can publish later',
    async run(room) {
      const ada = await room.join('ada')
      const bea = await room.join('bea', { tracks: [room.track('camera', 1), room.track('microphone')] })
      await room.untilShown(ada, 'bea', ['camera', 'microphone'])
      await room.quiet()
      claim(bea.tracksOf('ada').length === 0, 'a silent connection shows nothing')
      await ada.connection.publish([room.track('camera', 2)])
      await room.untilShown(bea, 'ada', ['camera'])
      await flows(room, bea, 2)
    },
  },
  {
    id: 'late-joiner',
    title: 'a late joiner gets existing tracks with the right participant and source',
    async run(room) {
      await room.join('ada', { tracks: [room.track('camera', 1), room.track('microphone')] })
      await room.join('bea', { tracks: [room.track('screen', 2)] })
      const cyd = await room.join('cyd')
      await room.untilShown(cyd, 'ada', ['camera', 'microphone'])
      await room.untilShown(cyd, 'bea', ['screen'])
      for (const track of cyd.connection.tracks.values()) {
        const kind = track.source === 'microphone' ? 'audio' : 'video'
        claim(track.track.kind === kind, `the ${track.source} of ${track.peer} is ${kind}`)
        claim(cyd.connection.tracks.get(track.id) === track, 'tracks are kept under their id')
      }
      claim(cyd.connection.peers.has('ada') && cyd.connection.peers.has('bea'), 'both are peers')
    },
  },
  {
    id: 'media-flows',
    title: 'media of each participant reaches the others under the right name',
    exemption: ({ media }) => (media.isFlowing ? null : 'the setup has no real media'),
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera', 1), room.track('microphone')] })
      const bea = await room.join('bea', { tracks: [room.track('camera', 2), room.track('microphone')] })
      await room.untilShown(bea, 'ada', ['camera', 'microphone'])
      await room.untilShown(ada, 'bea', ['camera', 'microphone'])
      await flows(room, bea, 1, 'ada')
      await flows(room, ada, 2, 'bea')
    },
  },
  {
    id: 'replaced-track',
    title: 'a replaced track keeps its id or ends before the new one starts',
    async run(room) {
      const ada = await room.join('ada', { tracks: [room.track('camera', 1)] })
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera'])
      await room.quiet()
      const from = bea.log.length
      const first = bea.tracksOf('ada', 'camera')[0]
      await ada.connection.publish([room.track('camera', 3)])
      await room.quiet()
      await room.untilShown(bea, 'ada', ['camera'])
      const moments = bea.log.slice(from).filter(({ name }) => name === 'track' || name === 'track-ended')
      const isKept = moments.length === 0 && bea.tracksOf('ada', 'camera')[0]?.id === first?.id
      const endsFirst = moments.map(({ name }) => name).join(' ') === 'track-ended track'
      claim(isKept || endsFirst, `it was told: ${moments.map(({ name }) => name).join(', ') || 'nothing'}`)
      await flows(room, bea, 3)
    },
  },
  {
    id: 'tracks-untouched',
    title: 'given tracks are never stopped, muted or constrained',
    async run(room) {
      const camera = room.track('camera')
      const microphone = room.track('microphone')
      camera.track.enabled = false
      const constraints = (): string => JSON.stringify(camera.track.getConstraints?.() ?? null)
      const before = constraints()
      const ada = await room.join('ada', { tracks: [camera, microphone] })
      const bea = await room.join('bea')
      await room.untilShown(bea, 'ada', ['camera', 'microphone'])
      await ada.connection.publish([microphone])
      await ada.connection.publish([camera, microphone])
      await ada.connection.publish([])
      await ada.connection.leave()
      claim(!camera.track.enabled, 'a muted track stays muted')
      claim(microphone.track.enabled, 'an unmuted track stays unmuted')
      for (const { track, source } of [camera, microphone])
        claim(track.readyState === 'live', `the ${source} is still live after leave`)
      claim(constraints() === before, 'its constraints are what they were')
    },
  },
]

async function flows(room: ComplianceRoom, at: Participant, marker: number, peer = 'ada'): Promise<void> {
  const { isFlowing } = room.setup.media
  const camera = at.tracksOf(peer, 'camera')[0]
  if (!isFlowing) return
  claim(camera !== undefined, `a camera of ${peer} is shown`)
  const hasArrived = await isFlowing(camera, marker, room.limits.eventMs)
  claim(hasArrived, `within ${room.limits.eventMs} ms: media of ${peer} shows marker ${marker} at ${at.peer}`)
  const microphone = at.tracksOf(peer, 'microphone')[0]
  if (microphone)
    claim(await isFlowing(microphone, marker, room.limits.eventMs), `sound of ${peer} reaches ${at.peer}`)
}

function trackMoments(at: Participant): number {
  return at.log.filter(({ name }) => name === 'track' || name === 'track-ended').length
}
