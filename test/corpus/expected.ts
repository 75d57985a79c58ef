/**
 * What health should conclude from each recording, per page: which alerts name the fault, and whom they may blame.
 * More than one answer is right where a page cannot know better: of two people alone on a dead path neither can
 * tell whose half it is.
 */
import type { AlertKind, Culprit } from '../../src/health/alert.js'
import type { FaultCause, RecordingHead } from './recording.js'

/** `none`: no trouble is named. */
export type Conclusion = Culprit | 'none'

/** Kinds of alert that name the fault of a label, on the page that has it or on those that see it. */
export const KINDS_OF: Readonly<Record<string, readonly AlertKind[]>> = {
  'loss-low': ['packet-loss'],
  'loss-high': ['packet-loss'],
  'loss-up': ['packet-loss'],
  'loss-burst': ['packet-loss'],
  'delay-step': ['high-rtt'],
  jitter: ['jitter', 'buffer-overflow', 'packet-loss'],
  'uplink-rate': ['low-bandwidth', 'packet-loss', 'high-rtt', 'buffer-overflow'],
  'downlink-rate': ['low-bandwidth', 'packet-loss', 'high-rtt', 'jitter'],
  'bandwidth-drop': ['low-bandwidth', 'packet-loss', 'high-rtt', 'buffer-overflow'],
  bufferbloat: ['high-rtt', 'buffer-overflow', 'low-bandwidth'],
  'black-hole-short': ['network-disconnect', 'freeze', 'one-way-media', 'timeout'],
  'black-hole-long': ['network-disconnect', 'timeout'],
  'network-gone': ['network-disconnect', 'stale-peer', 'timeout'],
  'one-way-up': ['one-way-media', 'network-disconnect', 'timeout'],
  'one-way-down': ['one-way-media', 'network-disconnect', 'timeout'],
  'path-dead': ['network-disconnect', 'one-way-media', 'freeze', 'timeout'],
  'path-change': ['path-change'],
  'provider-kill': ['provider-outage'],
  'provider-hang': ['provider-hang', 'provider-outage'],
  'token-expired': ['auth-failure', 'token-expiry'],
  'camera-ended': ['dead-device'],
  'camera-stalled': ['dead-device'],
  'microphone-ended': ['dead-device'],
  'microphone-silent': ['silent-microphone'],
  'picture-black': ['static-video'],
  'picture-static': ['static-video'],
  'decoder-stall': ['decoder-stall', 'frame-corruption'],
  'frames-corrupt': ['frame-corruption', 'decoder-stall'],
  'av-drift': ['sync-loss'],
  'cpu-starved': ['encoder-limited', 'freeze', 'decoder-stall'],
  'relay-in-use': ['relay-in-use'],
  'peer-crashed': ['stale-peer', 'freeze'],
}

/** Alerts that are told and do not trouble anybody: low ones of these kinds count as found. */
export const MILD_KINDS: ReadonlySet<AlertKind> = new Set(['static-video', 'path-change', 'relay-in-use'])

const SELF: Readonly<Record<FaultCause, readonly Conclusion[]>> = {
  none: ['none', 'nobody'],
  'network-up': ['my-network'],
  'network-down': ['my-network'],
  network: ['my-network'],
  device: ['my-device'],
  cpu: ['my-cpu'],
  browser: ['browser'],
  provider: ['provider'],
  path: ['path'],
  app: ['app'],
}

const OTHER: Readonly<Record<FaultCause, readonly Conclusion[]>> = {
  none: ['none', 'nobody'],
  'network-up': ['sender', 'path'],
  // Who only sends there sees reports of loss, or nothing at all through a server.
  'network-down': ['receiver', 'path', 'none'],
  network: ['sender', 'receiver', 'path'],
  device: ['sender', 'none'],
  cpu: ['sender'],
  browser: ['sender', 'browser', 'none'],
  provider: ['provider'],
  path: ['path'],
  app: ['sender', 'app'],
}

const NETWORK: readonly Conclusion[] = ['path', 'my-network', 'sender', 'receiver']

/** What a page may conclude; the first is the name of its class. */
export function conclusionsFor(head: RecordingHead, page: string): readonly Conclusion[] {
  const { fault, topology, label } = head
  if (fault === null) return SELF.none
  const isOwn = fault.at === page
  if (label === 'token-expired') return isOwn ? ['app', 'provider'] : SELF.none
  // Behind a server a delay that does not vary can be seen by nobody else.
  if (label === 'delay-step' && topology === 'sfu' && !isOwn) return ['sender', 'path', 'none']
  if (label === 'path-dead') return isEndOfDeadPath(head, page) ? ['path'] : SELF.none
  // The call finds a way by itself; a page that names nobody is as right.
  if (label === 'path-change') return ['none', 'path', 'my-network', 'sender', 'nobody']
  if (label === 'frames-corrupt' || label === 'av-drift')
    return isOwn ? ['none', 'receiver', 'browser'] : ['sender', 'browser']
  if (label === 'decoder-stall') return isOwn ? ['browser'] : ['none', 'receiver']
  if (label.startsWith('picture-') || label === 'microphone-silent')
    return isOwn ? ['my-device'] : ['none', 'sender']
  const isNetwork = fault.culprit.startsWith('network')
  if (isNetwork && topology === 'pair') return NETWORK
  return isOwn ? SELF[fault.culprit] : OTHER[fault.culprit]
}

/** The fault is kept with nobody; it lies between the participant of this take and the first of the others. */
function isEndOfDeadPath(head: RecordingHead, page: string): boolean {
  const ids = ['ana', 'bob', 'cleo']
  const first = ids[Number(head.name.split('.')[1] ?? 0) % ids.length] ?? ''
  return page === first || page === ids.find((id) => id !== first)
}
