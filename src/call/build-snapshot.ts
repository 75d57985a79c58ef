/** Turns the parts of a call into the one immutable snapshot that the app sees. */
import { explainAgreement, statusOf } from '../consensus/index.js'
import { UNKNOWN_HEALTH } from '../health/verdict.js'
import type { TrackSource } from '../providers/provider.js'
import { planRole } from './connection-role.js'
import type { CallCore } from './core.js'
import { NO_AGREEMENT, statusText } from './empty-snapshot.js'
import { healthSnapshot } from './health-view.js'
import { providerOf } from './pool-keeper.js'
import type { Reading } from './reading.js'
import { recoverySnapshot } from './recovery-view.js'
import type {
  AgreementSnapshot,
  CallSnapshot,
  CallState,
  ConnectionSnapshot,
  PeerSnapshot,
} from './snapshot.js'

/** Builds the snapshot of a running call. */
export function buildSnapshot(
  core: CallCore,
  reading: Reading,
  state: CallState,
  worker: CallSnapshot['worker'],
): CallSnapshot {
  const { options, local } = core
  return {
    state,
    statusText: statusText(state, reading.agreed, reading.candidates[0] ?? null),
    room: options.room,
    me: {
      id: options.me.id,
      name: options.me.name,
      muted: local.muted(),
      publishing: local.publishing(),
    },
    provider: reading.agreed,
    providers: options.providers.map(({ id, kind }) => ({ id, kind, sight: core.sight.of(id) })),
    agreement: agreementOf(core),
    peers: peersOf(core, reading),
    connections: connectionsOf(core, reading),
    recovery: recoverySnapshot(core, worker),
    health: healthSnapshot(core.desk),
    timeline: core.timeline.entries,
    links: core.document.links,
    worker,
    history: core.history.mode,
  }
}

function agreementOf(core: CallCore): AgreementSnapshot {
  const { loop, document } = core
  if (loop === null) return NO_AGREEMENT
  const view = loop.view
  const explained = explainAgreement(loop.state, view)
  const registers = document.registers()
  const nameOf = (voter: string): string =>
    voter === loop.state.voter ? core.options.me.id : (registers.get(voter)?.participant ?? voter)
  return {
    status: statusOf(loop.state, view),
    lineage: explained.lineage,
    epoch: explained.epoch,
    provider: explained.provider,
    committee: explained.committee.map(nameOf),
    seat: explained.seat,
    wants: explained.wants,
    votes: explained.votes,
    decided: core.decided,
  }
}

function peersOf(core: CallCore, reading: Reading): readonly PeerSnapshot[] {
  return [...reading.participants.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, name, isAway, isSuspect, presence }) => ({
      id,
      name,
      state: isAway
        ? 'away'
        : isSuspect
          ? 'suspect'
          : presence.publishing.length > 0 && !core.shownOn.has(id)
            ? 'joining'
            : 'live',
      stream: core.remote.streamOf(id),
      provider: providerOf(core.shownOn.get(id) ?? null),
      muted: presence.muted as readonly TrackSource[],
      publishing: presence.publishing as readonly TrackSource[],
      health: core.peerHealth.get(id) ?? UNKNOWN_HEALTH,
    }))
}

function connectionsOf(core: CallCore, reading: Reading): readonly ConnectionSnapshot[] {
  return core.pool.entries().map((entry) => ({
    id: entry.id,
    provider: entry.provider.id,
    role: planRole(entry, reading),
    state: entry.state,
    verdict: core.verdicts.get(entry.id) ?? null,
  }))
}
