/**
 * Names the culprit of a finding. Some kinds name it themselves; what arrives badly is the sender's when it
 * says so or when other receivers see it too, mine when every sender arrives badly here while others are fine,
 * and the path's where nothing decides. This device's own CPU is named only on its own evidence and never
 * against another receiver who sees the same.
 */
import { type AlertKind, type Blame, type Culprit, THEIR_DEVICE } from './alert.js'
import type { Finding } from './detectors/detector.js'
import { lonePc } from './detectors/elsewhere.js'
import { UNSENT } from './detectors/one-way-media.js'
import type { Latched } from './latch.js'
import {
  isArrivingBadly,
  isMachineBusy,
  isPageLate,
  isRaised,
  type Testimony,
  type Trial,
  testimonyOn,
} from './witness.js'
import { sightOf } from './word.js'

/** Kinds of trouble that have one cause by nature, with how sure that is. */
const BY_NATURE: Partial<Record<AlertKind, readonly [Culprit, number, string]>> = {
  'auth-failure': ['app', 0.9, 'credentials-refused'],
  'token-expiry': ['app', 1, 'token-says-so'],
  'dead-device': ['my-device', 0.95, 'no-frames-from-source'],
  'muted-by-browser': ['browser', 0.95, 'track-muted-unasked'],
  'encoder-limited': ['my-cpu', 0.9, 'encoder-says-so'],
  'path-change': ['my-network', 0.6, 'selected-pair-changed'],
  'relay-in-use': ['nobody', 1, 'by-design'],
}
/** Kinds that are measured where media arrives. */
const ARRIVAL: ReadonlySet<AlertKind> = new Set<AlertKind>([
  'packet-loss',
  'jitter',
  'high-rtt',
  'freeze',
  'buffer-overflow',
  'one-way-media',
  'timeout',
])

/** The path answers and nothing of mine leaves: a new path would change nothing, a new connection does. */
const OWN_MEDIA_STOPPED = 'own-media-stopped'
/** Sound comes every 20 to 60 ms. */
const SILENT_MS = 1_000
/** Two who both complain share the way between them. */
const MUTUAL: readonly AlertKind[] = ['packet-loss', 'high-rtt', 'one-way-media', 'network-disconnect']

/** Who is to blame for an entry of the latch. */
export function blameOf({ kind, finding }: Pick<Latched, 'kind' | 'finding'>, trial: Trial): Blame {
  const natural = BY_NATURE[kind]
  if (kind === 'network-disconnect' && !trial.scene.isOnline)
    return say('my-network', null, 0.98, 'browser-offline')
  if (kind === 'network-disconnect') return onDisconnect(trial)
  if (natural) return say(natural[0], null, natural[1], natural[2])
  if (kind === 'provider-outage' || kind === 'provider-hang') return onProvider(kind, finding, trial)
  if (finding.about.type === 'peer') return onPeer(kind, finding, trial)
  if (finding.about.type === 'connection') return onConnection(finding, trial)
  return onMyself(kind, finding, trial)
}

/** Without a server the path to one person says nothing about my network; all paths at once do. */
function onDisconnect({ scene }: Trial): Blame {
  const current = scene.connections.find((one) => one.isCurrent)
  const peers = [...new Set(scene.inbound.map((view) => view.peer))]
  const silent = peers.filter((peer) =>
    scene.inbound.every((view) => view.peer !== peer || view.sincePacketMs >= SILENT_MS),
  )
  const isOnlySome = silent.length < peers.length || peers.length < 2
  if (current?.hasServer || !isOnlySome) return say('my-network', null, 0.85, 'path-verdict')
  return say('path', (silent.length > 0 ? silent : peers)[0] ?? null, 0.5, 'nobody-else-to-ask')
}

function onProvider(kind: AlertKind, { about }: Finding, { scene }: Trial): Blame {
  const verdict = scene.connections.find(({ provider }) => provider === about.id)?.verdict
  const sure = kind === 'provider-outage' ? 0.85 : 0.7
  if (verdict?.evidence.includes('others-see-it-too')) return say('provider', null, 0.97, 'others-see-it-too')
  return say('provider', null, sure, ...(verdict?.evidence ?? ['adapter-gave-up']))
}

function onConnection({ about }: Finding, { scene }: Trial): Blame {
  if (!scene.isOnline) return say('my-network', null, 0.9, 'browser-offline')
  const connection = scene.connections.find(({ connectionId }) => connectionId === about.id)
  const isElsewhereFine = scene.facts.peers.some(
    ({ flowingOn }) => flowingOn !== null && flowingOn === connection?.provider,
  )
  return isElsewhereFine ? say('path', null, 0.7, 'others-fine') : say('provider', null, 0.5, 'nobody-there')
}

function onPeer(kind: AlertKind, finding: Finding, trial: Trial): Blame {
  const peer = finding.about.id
  const testimony = testimonyOn(finding.about, kind, trial)
  // Several senders that go bad together have a cause in common, and it is none of them.
  const isEverybody = testimony.sendersBad > 0 && testimony.sendersGood === 0
  const isArrival = ARRIVAL.has(kind) && finding.cause !== 'decoder-stall'
  if (kind === 'stale-peer') return say('sender', peer, 0.75, 'heartbeats-stopped')
  if (testimony.hasNoSource) return say('sender', peer, 0.95, THEIR_DEVICE)
  if (kind === 'static-video' || kind === 'silent-microphone') return say('sender', peer, 0.8, 'packets-arrive')
  if (finding.cause === 'sender-stall' && !isEverybody) return say('sender', peer, 0.85, 'transport-alive')
  if (isRaised(trial, 'provider-outage')) return say('provider', null, 0.9, 'provider-outage')
  if (isRaised(trial, 'network-disconnect')) return say('my-network', null, 0.85, 'network-disconnect')
  if (isArrival && isEverybody) return onEverybody(testimony, trial)
  // A round trip has no direction: neither end can tell whose half of it is slow.
  if (kind === 'high-rtt') return say('path', peer, testimony.hasConfessed ? 0.8 : 0.6, 'round-trip')
  // Other witnesses come before anything about this machine: a bad sender is bad for everybody.
  const isMutual = MUTUAL.some((one) => isRaised(trial, one, 'me'))
  if (testimony.hasConfessed && !isMutual && kind !== 'decoder-stall')
    return say('sender', peer, 0.9, 'sender-says-so')
  if (testimony.othersBad > 0 && testimony.othersGood === 0)
    return say('sender', peer, 0.88, 'others-see-it-too')
  return isArrival ? onArrival(peer, testimony, trial) : onDecoding(kind, peer, testimony, trial)
}

/** All that comes here comes badly. */
function onEverybody({ othersBad, othersGood }: Testimony, trial: Trial): Blame {
  const isProviders = othersBad > 0 && othersGood === 0
  if (!isProviders && isMachineBusy(trial))
    return say('my-cpu', null, 0.75, 'machine-busy', 'all-senders-bad-here')
  if (isProviders && hasServerNow(trial)) return say('provider', null, 0.6, 'everybody-sees-everybody-bad')
  return say('my-network', null, othersGood > 0 ? 0.92 : 0.75, 'all-senders-bad-here')
}

/** Packets of one sender that do not come, or come late. */
function onArrival(peer: string, { othersGood, sendersGood, hasSpoken }: Testimony, trial: Trial): Blame {
  const hasServer = hasServerNow(trial)
  if (othersGood > 0) {
    const isMine = hasServer && sendersGood === 0
    return say(isMine ? 'my-network' : 'path', isMine ? null : peer, 0.75, 'others-fine')
  }
  if (sendersGood > 0) return say('sender', peer, 0.7, 'other-senders-fine')
  // Two people: a server's reports tell the sender of its uplink, and then it would have said so.
  if (hasServer && hasSpoken) return say('my-network', null, 0.7, 'sender-uplink-fine')
  if (isRaised(trial, 'packet-loss', 'me') || isRaised(trial, 'high-rtt', 'me'))
    return say('my-network', null, 0.55, 'both-directions')
  return say('path', peer, 0.5, 'nobody-else-to-ask')
}

function hasServerNow({ scene }: Trial): boolean {
  return scene.connections.some((one) => one.isCurrent && one.hasServer)
}

/** Packets come, and pictures or sound do not. */
function onDecoding(kind: AlertKind, peer: string, testimony: Testimony, trial: Trial): Blame {
  const isAlone = testimony.sendersGood === 0 && testimony.sendersBad === 0
  const isEverybody = testimony.sendersBad > 0 && testimony.sendersGood === 0
  if (testimony.othersGood > 0) {
    if ((isEverybody || isAlone) && isMachineBusy(trial))
      return say('my-cpu', null, 0.8, 'machine-busy', 'others-fine')
    return say('browser', null, 0.75, 'others-fine')
  }
  if (isEverybody && isMachineBusy(trial))
    return say('my-cpu', null, 0.7, 'machine-busy', 'all-senders-bad-here')
  if (kind === 'decoder-stall' || kind === 'freeze')
    return say('browser', null, isAlone ? 0.55 : 0.65, 'packets-arrive')
  return say('sender', peer, 0.6, 'packets-arrive')
}

/** My own media, or my own path. */
function onMyself(kind: AlertKind, finding: Finding, trial: Trial): Blame {
  if (kind === 'silent-microphone' || kind === 'static-video')
    return say('my-device', null, 0.8, 'source-silent')
  if (isRaised(trial, 'provider-outage')) return say('provider', null, 0.85, 'provider-outage')
  if (finding.evidence.some(({ key }) => key === UNSENT)) return say('browser', null, 0.75, OWN_MEDIA_STOPPED)
  // A page that gets no time answers late and measures its own delay as the network's.
  if (isPageLate(trial)) return say('my-cpu', null, 0.8, 'machine-busy')
  const current = trial.scene.connections.find((one) => one.isCurrent)
  const others = trial.scene.facts.peers
  const sameTrouble = others.filter(({ word }) =>
    word.troubles.some((one) => one === 'uplink' || one === 'network'),
  )
  if (current?.hasServer) {
    if (others.length > 1 && sameTrouble.length === others.length)
      return say('provider', null, 0.6, 'everybody-has-it')
    return say('my-network', null, 0.75, sameTrouble.length === 0 ? 'only-mine' : 'mine-too')
  }
  // What comes from everybody comes badly too: the common cause is my own network.
  if (others.length > 1 && isAllArrivingBadly(trial)) return say('my-network', null, 0.85, 'both-directions')
  const troubled = receiverIn(finding, trial)
  const isSeenElsewhere = others.some(
    ({ id, word }) => id !== troubled && (sightOf(word, trial.scene.facts.me ?? '') ?? 'good') !== 'good',
  )
  if (others.length > 1 && troubled !== null && !isSeenElsewhere)
    return say('receiver', troubled, 0.7, 'other-receivers-fine')
  if (others.length > 1) return say('my-network', null, 0.75, 'all-receivers')
  return say('path', others[0]?.id ?? null, 0.5, 'nobody-else-to-ask')
}

function isAllArrivingBadly(trial: Trial): boolean {
  const senders = [...new Set(trial.scene.inbound.map(({ peer }) => peer))]
  return senders.length > 1 && senders.every((one) => one !== null && isArrivingBadly(trial, one))
}

/** In a mesh: the one receiver who has my media badly while another has it well; null otherwise. */
function receiverIn(finding: Finding, { scene }: Trial): string | null {
  const pc = lonePc(finding)
  return pc === null ? null : (scene.paths.find((path) => path.pc === pc)?.peer ?? null)
}

function say(culprit: Culprit, participant: string | null, confidence: number, ...evidence: string[]): Blame {
  return { culprit, participant: participant === '?' ? null : participant, confidence, evidence }
}
