/**
 * The public call object. `createCall()` does nothing observable; `join()` starts it.
 */
import type { Auth } from '../document/admission.js'
import type { MakeYjsProvider } from '../document/yjs-link.js'
import type { HoldfastError } from '../errors.js'
import type { EventSource } from '../events.js'
import type { Alert } from '../health/alert.js'
import type { Risk } from '../health/risk.js'
import type { ThresholdOptions } from '../health/thresholds.js'
import type { Attempt } from '../history/attempt.js'
import type { LocalTrack, Provider, TrackSource } from '../providers/provider.js'
import type { UserRequest } from '../repair/world.js'
import type { CallHealth } from './health-view.js'
import type { CallMemory } from './memory.js'
import type { CallRecovery, RecoveryOptions } from './recovery-contract.js'
import type { CallSnapshot, CallState } from './snapshot.js'

declare global {
  interface SymbolConstructor {
    /** As TypeScript's library `ESNext.Disposable` has it: apps that do not name that library can check these types too. */
    readonly asyncDispose: unique symbol
  }
}

/** Options of {@link createCall}. */
export interface CallOptions {
  /** Everybody with the same room name and signaling is in one call. */
  readonly room: string
  /**
   * This person: a stable id (survives a refresh) and a name for the others. Pages with the same id are one person,
   * who does not see himself: two tabs that are to meet need two ids.
   */
  readonly me: { readonly id: string; readonly name?: string }
  /** Ways to carry media, the favourite first; 1 to 16. */
  readonly providers: readonly Provider[]
  /**
   * WebSocket URLs of y-webrtc signaling servers. No default: public servers are nobody's default. May be empty
   * where `links` has one; `mesh()` then has no way to set up its connections.
   */
  readonly signaling: readonly string[]
  /**
   * More ways for the shared document: functions that make Yjs providers, e.g. y-websocket's or Hocuspocus', for
   * the `doc`, `awareness` and `room` they get. At most 4; each runs beside all others. For large rooms.
   */
  readonly links?: readonly MakeYjsProvider[]
  /** STUN and TURN servers for the document's links and for providers. Default: none. */
  readonly iceServers?: readonly RTCIceServer[]
  /** Tokens for providers, asked for at each connect. */
  readonly token?: (providerId: string) => Promise<string | undefined>
  /** What is ready on the next provider: nothing, a silent connection, or media. Default `warm`. */
  readonly standby?: 'cold' | 'warm' | 'hot'
  /** Acts by itself on failures. Default true. */
  readonly automatic?: boolean
  /** Lets in only who shows a token made for this person, room and page; see `holdfast/auth`. Default: everybody. */
  readonly auth?: Auth
  /** Keeps this person's vote and seat over a refresh of the page, in IndexedDB for seconds. Default true. */
  readonly keepSeat?: boolean
  /** Encrypts signaling messages with a key derived from it. Default: none. */
  readonly password?: string
  /** Where the health worker runs. Default `auto`: URL, then blob, then the main thread. */
  readonly worker?: 'auto' | 'main'
  /** For a worker file on another origin under a strict CSP. The script-tag file is its own worker and needs none. */
  readonly workerUrl?: string
  /** Keeps attempts over page loads. Default `indexeddb`. */
  readonly history?: 'indexeddb' | 'memory'
  /** Learns which repairs work here and chooses by it; false: fixed priorities. Default true. */
  readonly learning?: boolean
  /** Limits of the detectors, by kind of alert; what is left out keeps its default (docs/health.md). */
  readonly health?: { readonly thresholds?: ThresholdOptions }
  /** Strategies of the app, limits, texts, roles: how recovery works (docs/recovery.md). */
  readonly recovery?: RecoveryOptions
  /** Throws on illegal internal transitions instead of reporting them. Default false. */
  readonly development?: boolean
  readonly logger?: Logger
}

/** Four methods; the default is silent. */
export interface Logger {
  debug(message: string, facts?: Readonly<Record<string, unknown>>): void
  info(message: string, facts?: Readonly<Record<string, unknown>>): void
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void
  error(message: string, facts?: Readonly<Record<string, unknown>>): void
}

/** Moments of a call; each is fired after the snapshot has changed. */
export interface CallEvents {
  'state-changed': { readonly from: CallState; readonly to: CallState }
  'peer-joined': { readonly peer: string }
  /** Unusually silent: it may be gone soon. Nothing is done yet. */
  'peer-suspect': { readonly peer: string; readonly silentForMs: number }
  /** Silent for so long that the call goes on without it; or its tab said that it is put to sleep. */
  'peer-stale': { readonly peer: string; readonly silentForMs: number }
  /** Heard again after `peer-suspect` or `peer-stale`. */
  'peer-back': { readonly peer: string }
  'peer-left': { readonly peer: string; readonly isClean: boolean }
  'provider-agreed': { readonly lineage: string; readonly epoch: number; readonly provider: string | null }
  'switch-started': {
    readonly from: string | null
    readonly to: string
    readonly by: string
    readonly reason: string
  }
  'stream-flipped': {
    readonly peer: string
    readonly from: string | null
    readonly to: string
    readonly gapMs: number | null
  }
  recovered: Attempt
  'recovery-failed': Attempt
  /** Something is wrong now; see docs/health.md for the kinds. */
  'alert-raised': Alert
  /** Its severity, cause or culprit is another one. */
  'alert-changed': Alert
  'alert-cleared': Alert
  /** The level of a risk is another one: from high on a standby is prepared, at critical it carries media. */
  'risk-changed': Risk
  /** Recovery can go no further alone: plug in, allow, sign in, or see to network or load. */
  'user-action-needed': UserRequest
  /** A device that had gone is back and published again; the track is new, and the call's to stop. */
  'device-reacquired': { readonly source: TrackSource; readonly track: MediaStreamTrack }
  /** How far the pictures that are sent were taken down, 0 is full quality; it comes back by itself. */
  'quality-changed': { readonly step: number }
  warning: HoldfastError
  error: HoldfastError
}

/** A call of this tab. */
export interface Call extends EventSource<CallEvents> {
  /** Joins; resolves when the call is live. Aborting rejects with the signal's reason and releases all. */
  join(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Leaves cleanly; idempotent; releases everything. */
  leave(): Promise<void>
  /**
   * Publishes exactly these tracks (a MediaStream: its camera and microphone); works before `join()` too. Rejects with
   * `invalid-options`, and nothing changes, for what is no stream and no list of tracks.
   */
  publish(media: MediaStream | readonly LocalTrack[]): Promise<void>
  /**
   * Mutes or unmutes; nothing but this method ever unmutes.
   *
   * @throws HoldfastError `invalid-options` for a source that does not exist or a mute that is neither true nor false.
   */
  setMuted(source: TrackSource, isMuted: boolean): void
  /** Swaps the device behind a source without renegotiation where possible; a muted source stays muted. */
  replaceTrack(source: TrackSource, track: MediaStreamTrack): Promise<void>
  /**
   * Asks everybody to move. Resolves when that is agreed and media flows here, even if others joined or left on
   * the way; rejects with `switch-superseded` when the call went elsewhere, `switch-failed` when it stayed.
   */
  switchTo(providerId: string, options?: { readonly reason?: string }): Promise<void>
  /** Alerts, figures and statistics. */
  readonly health: CallHealth
  /** What is being repaired, what was, and repairs by hand. */
  readonly recovery: CallRecovery
  /**
   * Replaces the signaling servers, before `join()` or in the running call; the old ones are kept until one of the new
   * can be reached. All of them are used at once, so that everybody meets who reaches any of them.
   *
   * @throws HoldfastError `invalid-options`.
   */
  setSignaling(urls: readonly string[]): void
  getSnapshot(): CallSnapshot
  /** Calls back after each change; at most once per turn. */
  subscribe(listener: () => void): () => void
  /**
   * The last minutes of what health was told and said, as JSON for `npm run replay`: without names, addresses,
   * tokens and session descriptions. Rejects with `not-joined` where there is nothing to export: before `join()`,
   * after `leave()` and in the script-tag build.
   */
  exportTrace(): Promise<string>
  /**
   * What this browser keeps about repairs: explanations, patterns, export, erasing. Rejects with `not-joined`
   * before `join()`, and with `dependency-missing` in the script-tag build.
   */
  memory(): Promise<CallMemory>
  /** Earlier attempts, newest first. */
  attempts(query?: { readonly limit?: number }): Promise<readonly Attempt[]>
  [Symbol.asyncDispose](): Promise<void>
}
