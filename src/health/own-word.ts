/** What this participant tells the others: its own troubles, and how each sender arrives here. */
import type { Alert, AlertKind, Culprit } from './alert.js'
import { SETTLE_MS } from './detectors/settled.js'
import type { Scene } from './scene.js'
import type { OwnTrouble, SenderSight, Word } from './word.js'

const TROUBLE_OF: Partial<Record<AlertKind, OwnTrouble>> = {
  'encoder-limited': 'cpu',
  'dead-device': 'device',
  'silent-microphone': 'device',
  'muted-by-browser': 'browser',
  'low-bandwidth': 'uplink',
  'packet-loss': 'uplink',
  'one-way-media': 'uplink',
  'buffer-overflow': 'uplink',
  'network-disconnect': 'network',
  'high-rtt': 'network',
}
const SIGHT_OF: Partial<Record<AlertKind, SenderSight>> = {
  freeze: 'frozen',
  'decoder-stall': 'frozen',
  'frame-corruption': 'lossy',
  'packet-loss': 'lossy',
  jitter: 'lossy',
  'one-way-media': 'silent',
}
const DEVICE_OF = { audio: 'microphone', video: 'camera' } as const
/** From bad to good: a sender that is frozen and lossy is frozen. */
const WORST_FIRST: readonly SenderSight[] = ['silent', 'frozen', 'lossy', 'good']
/** Without packets for this long nothing comes, whatever it is called. */
const SILENT_MS = 2_500

/** What may lie between me and somebody is told only when it is mine: others take the word for a confession. */
const SHARED: ReadonlySet<OwnTrouble | undefined> = new Set<OwnTrouble>(['uplink', 'network'])

/** The word of this moment. */
export function wordOf({ inbound, facts }: Scene, alerts: readonly Alert[]): Word {
  const mine = alerts.filter(({ about, kind, blame }) => about.type === 'me' && isOwned(kind, blame.culprit))
  const troubles = new Set(mine.flatMap(({ kind }) => TROUBLE_OF[kind] ?? []))
  for (const { kind, about } of mine)
    if (kind === 'dead-device') troubles.add(DEVICE_OF[about.media ?? 'video'])
  if (alerts.some((one) => one.about.type === 'peer' && one.blame.culprit === 'my-network' && isGrave(one)))
    troubles.add('network')
  const senders = facts.peers.flatMap(({ id: participant }) => {
    // What is muted says nothing about its sender, and what has just begun not yet.
    const streams = inbound.filter(
      (view) => view.peer === participant && view.isMuted === false && view.ageMs >= SETTLE_MS,
    )
    const sights = alerts
      .filter((one) => one.about.type === 'peer' && one.about.id === participant)
      // Uneven arrival that nobody notices is no way for media to arrive badly.
      .filter((one) => one.kind !== 'jitter' || isGrave(one))
      .flatMap((one) => (isSoundAlone(one) ? 'lossy' : (SIGHT_OF[one.kind] ?? [])))
    // Media that has no stream any more is missing, which is an alert, or has not begun.
    if (streams.length === 0 && sights.length === 0) return []
    if (streams.length > 0 && streams.every((view) => view.sincePacketMs >= SILENT_MS)) sights.push('silent')
    const sight = WORST_FIRST.find((one) => sights.includes(one)) ?? 'good'
    return [{ participant, sight }]
  })
  return { troubles: [...troubles], senders }
}

/** The picture beside it comes: a sender whom everybody calls silent would look for the trouble in all it sends. */
function isSoundAlone({ kind, about }: Alert): boolean {
  return kind === 'one-way-media' && about.media === 'audio'
}

function isGrave({ severity }: Alert): boolean {
  return severity !== 'low'
}

function isOwned(kind: AlertKind, culprit: Culprit): boolean {
  return !SHARED.has(TROUBLE_OF[kind]) || culprit === 'my-network'
}
