/**
 * From what a detector sees to what recovery works on: one incident for each thing that is wrong with one
 * person, connection or provider, however many detectors see it. Pure.
 */
import type { Alert, AlertKind, Culprit, Subject } from '../health/alert.js'
import type { Incident, IncidentKind, OpenIncident } from './incident.js'

/** What is no incident is a note (`path-change`) or a guess that media alone cannot decide (`static-video`). */
const KIND_OF: Readonly<Record<AlertKind, IncidentKind | null>> = {
  'network-disconnect': 'network-disconnect',
  'auth-failure': 'auth-failure',
  'token-expiry': 'auth-failure',
  'provider-outage': 'provider-outage',
  'provider-hang': 'provider-outage',
  'stale-peer': 'stale-peer',
  'dead-device': 'device-failure',
  'muted-by-browser': 'device-failure',
  'silent-microphone': 'device-failure',
  'encoder-limited': 'resource-exhaustion',
  'decoder-stall': 'codec-failure',
  'frame-corruption': 'frame-corruption',
  'one-way-media': 'timeout',
  timeout: 'timeout',
  freeze: 'timeout',
  'buffer-overflow': 'buffer-overflow',
  'low-bandwidth': 'quality-degradation',
  'packet-loss': 'packet-loss',
  'high-rtt': 'quality-degradation',
  jitter: 'packet-loss',
  'sync-loss': 'sync-loss',
  'static-video': null,
  'path-change': null,
  'relay-in-use': null,
}

/** Culprits whose trouble nobody here can repair, and which must never move a call. */
const NOBODYS: ReadonlySet<Culprit> = new Set<Culprit>(['nobody', 'sender', 'receiver'])

/** The incident behind an alert, before it has an id; null where an alert is no incident. */
export function incidentFromAlert(alert: Alert, provider: string): Omit<OpenIncident, 'id'> | null {
  const kind = kindOf(alert)
  if (kind === null) return null
  const { about, severity, sinceMs } = alert
  const { culprit, confidence, evidence } = alert.blame
  return {
    kind,
    provider: about.type === 'provider' ? about.id : provider,
    severity,
    blame: reachOf(kind, culprit),
    evidence,
    culprit,
    confidence,
    about,
    alerts: [alert.id],
    value: alert.value,
    sinceMs,
  }
}

/** What makes two sightings one incident: what is wrong, with whom or what, on which provider. */
export function incidentKey({
  kind,
  provider,
  about,
}: Pick<Incident, 'kind' | 'provider'> & { readonly about: Subject }): string {
  // A device is the same with every provider.
  const where = kind === 'device-failure' ? '' : provider
  return `${kind}|${where}|${about.type}|${about.id}|${about.media ?? ''}`
}

function kindOf({ kind, cause }: Alert): IncidentKind | null {
  if (kind !== 'freeze') return KIND_OF[kind]
  // Who paused on purpose has no trouble.
  if (cause === 'paused-sender') return null
  return cause === 'decoder-stall' ? 'codec-failure' : 'timeout'
}

/** Only what names the provider itself may move the call; a provider blamed for one person's picture may not. */
function reachOf(kind: IncidentKind, culprit: Culprit): Incident['blame'] {
  if (kind === 'provider-outage') return culprit === 'provider' ? 'provider' : 'path'
  return NOBODYS.has(culprit) ? 'nobody' : 'path'
}
