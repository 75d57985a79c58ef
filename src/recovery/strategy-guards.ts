/**
 * When a strategy may not run: one function per strategy, from plain data to the reason. A guard protects people
 * from a repair that cannot help or harms more than it heals; what was learned never overrules it. Pure.
 */
import { isMild, LONG_BUFFER_MS } from './calm.js'
import type { Incident } from './incident.js'
import type { Situation, StrategyId, StrategySpec } from './strategy.js'

/** Up to here sound and picture are brought together unnoticed (promise P58). */
export const GENTLE_DRIFT_MS = 100
/** Up to here by waiting for the later of the two; beyond, only a new start helps. */
export const MEDIUM_DRIFT_MS = 1_000
/** What is sent when only the sender or its network is short of something. */
const OWN_CULPRITS: ReadonlySet<string> = new Set(['my-network', 'my-cpu', 'my-device'])

type Guard = StrategySpec['guard']

/** Guards by strategy. */
export const GUARDS: Readonly<Record<StrategyId, Guard>> = {
  'refresh-token': ({ can }) => need(can.renewToken, 'no-renewal'),
  'key-frame': ({ can }, incident) =>
    firstOf(
      need(can.keyFrame, 'no-key-frames'),
      need(isVideo(incident), 'not-video'),
      isAboutPeer(incident),
      // Browsers ask from the first broken frame on: what was not answered by then is not answered to us.
      need(!isAskedInVain(incident) || !can.resubscribe, 'asked-in-vain'),
    ),
  'resync-gentle': ({ can, value }, incident) =>
    firstOf(
      need(can.jitterBuffer, 'no-jitter-buffer'),
      isAboutPeer(incident),
      drift(value, 0, GENTLE_DRIFT_MS),
    ),
  'resync-medium': ({ can, value }, incident) =>
    firstOf(
      need(can.jitterBuffer, 'no-jitter-buffer'),
      isAboutPeer(incident),
      incident.kind === 'sync-loss' ? drift(value, GENTLE_DRIFT_MS, MEDIUM_DRIFT_MS) : null,
      need(incident.kind !== 'buffer-overflow' || can.isHeldBack, 'nothing-held-back'),
      // It is played 5 % faster at most, whatever the target says.
      need(incident.kind !== 'buffer-overflow' || (value ?? 0) < LONG_BUFFER_MS, 'buffer-too-long'),
    ),
  'resync-full': ({ can, value }, incident) =>
    firstOf(
      need(can.resubscribe, 'no-resubscription'),
      isAboutPeer(incident),
      // A busy machine buffers a second of everybody's media, and a new subscription makes it busier.
      need(incident.kind !== 'buffer-overflow' || (value ?? 0) >= LONG_BUFFER_MS, 'buffer-too-short'),
    ),
  'rebuild-receive': ({ can }, incident) =>
    firstOf(need(can.resubscribe, 'no-resubscription'), need(!isAboutMe(incident), 'own-side')),
  'quality-down': ({ can }, incident) =>
    firstOf(isOwnTrouble(incident), need(can.qualityStep < can.qualitySteps - 1, 'no-step-left')),
  'audio-only': ({ can }, incident) =>
    firstOf(
      isOwnTrouble(incident),
      need(can.qualityStep < can.qualitySteps, 'no-step-left'),
      // Without pictures people feel left out: only when smaller ones were not enough, or at once when it is grave.
      need(incident.severity === 'critical' || can.qualityStep >= can.qualitySteps - 1, 'try-less-first'),
    ),
  'quality-up': ({ can }) => need(can.qualityStep > 0, 'full-quality'),
  'codec-change': ({ can }) => need(can.codecs, 'no-codec-choice'),
  'ice-restart': ({ can, isPathRepairing }, { evidence }) =>
    firstOf(
      need(!isPathRepairing, 'in-other-hands'),
      need(can.iceRestart, 'no-ice-restart'),
      // What stands still before it reaches the path is not helped by another one.
      need(!evidence.includes('own-media-stopped'), 'path-answers'),
    ),
  reconnect: ({ isPathRepairing }) => need(!isPathRepairing, 'in-other-hands'),
  'relay-only': ({ can, isPathRepairing }) =>
    firstOf(need(!isPathRepairing, 'in-other-hands'), need(can.relayOnly, 'no-relay')),
  'reacquire-device': ({ can }, incident) =>
    firstOf(need(!isOfAnother(incident), 'not-our-device'), DEVICE_REFUSALS[can.device]),
  'rebuild-control-plane': ({ can }) => need(can.controlPlane, 'no-links'),
  'switch-provider': ({ next }) => need(next !== null, 'no-other-provider'),
  // A lost device of ours is there again when somebody plugs it in; that of another is for that page.
  wait: (_situation, incident) =>
    need(incident.kind !== 'device-failure' || isOfAnother(incident), 'needs-person'),
  'ask-user': (_situation, incident) =>
    need(incident.kind !== 'device-failure' || !isOfAnother(incident), 'not-our-device'),
}

const DEVICE_REFUSALS: Readonly<Record<Situation['can']['device'], string | null>> = {
  lost: null,
  fine: 'device-works',
  muted: 'muted',
  'needs-person': 'needs-person',
}

function need(holds: boolean, why: string): string | null {
  return holds ? null : why
}

function firstOf(...reasons: readonly (string | null)[]): string | null {
  return reasons.find((reason) => reason !== null) ?? null
}

/** A decoder that stalls without losses gets worse than mild only while it asks for key frames. */
function isAskedInVain({ kind, severity }: Incident): boolean {
  return kind === 'codec-failure' && !isMild({ severity })
}

function isVideo({ about }: Incident): boolean {
  return about?.media !== 'audio'
}

function isAboutMe({ about }: Incident): boolean {
  return about?.type === 'me'
}

function isAboutPeer({ about }: Incident): string | null {
  return need(about === undefined || about.type === 'peer', 'not-one-person')
}

function isOfAnother({ about }: Incident): boolean {
  return about?.type === 'peer'
}

/** What we send is only made smaller for what our own side lacks: the others' trouble is not in it. */
function isOwnTrouble(incident: Incident): string | null {
  return need(isAboutMe(incident) || OWN_CULPRITS.has(incident.culprit ?? ''), 'not-our-side')
}

function drift(value: number | null, aboveMs: number, belowMs: number): string | null {
  const driftMs = Math.abs(value ?? 0)
  if (driftMs >= belowMs) return 'drift-too-large'
  return driftMs < aboveMs ? 'drift-too-small' : null
}
