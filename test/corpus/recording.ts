/**
 * What a recording of the fault corpus is: everything that the pages of one call could know about themselves
 * while a known fault was put upon one of them, on one common clock. The truth (`fault`) is what was injected,
 * not what anybody should conclude from it.
 */
import type { StatEntry } from '../../src/health/reduce.js'

/** Whose fault it is, in the words of the corpus. */
export type FaultCause =
  | 'none'
  | 'network-up'
  | 'network-down'
  | 'network'
  | 'device'
  | 'cpu'
  | 'browser'
  | 'provider'
  | 'path'
  | 'app'

/** What was injected; times are those of the ticks. */
export interface Fault {
  readonly fromMs: number
  /** Null: until the end of the recording. */
  readonly toMs: number | null
  readonly culprit: FaultCause
  /** The participant who has it; null for the provider and for nobody. */
  readonly at: string | null
  readonly note: string
}

/** How the pages are connected: one pair, three pages with a connection each, or an SFU. */
export type Topology = 'pair' | 'mesh' | 'sfu'

/** What `--list` prints of a recording. */
export interface RecordingHead {
  /** `label.number`, also the name of its file. */
  readonly name: string
  readonly label: string
  /** Held-out recordings judge detectors and are never used to tune them. */
  readonly isHeldOut: boolean
  readonly seconds: number
  readonly browser: 'chromium' | 'firefox'
  readonly topology: Topology
  /** Null in healthy recordings. */
  readonly fault: Fault | null
}

/** State of one published source as its owner tells it to the others. */
export type PublishedState = 'live' | 'muted' | 'off'

/** What a participant says it publishes. */
export interface Published {
  readonly audio: PublishedState
  readonly video: PublishedState
}

/** One peer connection of a page. */
export interface RecordedConnection {
  readonly pc: number
  readonly role: 'send' | 'recv' | 'both'
  /** The peer at the other end, or whose media it brings; null where that is only a server. */
  readonly peer: string | null
  readonly provider: string
}

/** Something that happened since the last tick. */
export type RecordedSignal =
  | { readonly type: 'socket-closed' }
  | { readonly type: 'socket-open' }
  | { readonly type: 'probe'; readonly isAnswered: boolean }
  | { readonly type: 'ice'; readonly pc: number; readonly state: string }
  | { readonly type: 'response'; readonly status: number }

/** One look of one page, every 250 ms when its timers are on time. */
export interface Tick {
  readonly atMs: number
  /** How late the timer of this tick was. */
  readonly lateMs: number
  readonly isHidden: boolean
  readonly isOnline: boolean
  /** Only the fields that somebody may need, all numbers quantised; entries keep the ids of the browser. */
  readonly stats: readonly { readonly pc: number; readonly entries: readonly StatEntry[] }[]
  /** `connectionState` and `iceConnectionState`; they differ after a failure. */
  readonly states: readonly { readonly pc: number; readonly connection: string; readonly ice: string }[]
  /** Age of what the synchronization sources of each receiver say came last. */
  readonly receivers: readonly {
    readonly pc: number
    readonly trackIdentifier: string
    readonly sinceMs: number
  }[]
  /** The page's own tracks. */
  readonly local: readonly {
    readonly kind: 'audio' | 'video'
    readonly readyState: 'live' | 'ended'
    readonly isMuted: boolean
    readonly isEnabled: boolean
  }[]
  readonly published: Published
  /** The others, as their one beat per second tells. */
  readonly heard: readonly {
    readonly peer: string
    readonly ageMs: number
    readonly published: Published
  }[]
  /** Look at each shown picture on 16 x 9 pixels: mean, standard deviation and mean change, 0 to 255. */
  readonly pictures: readonly {
    readonly peer: string
    readonly luma: number
    readonly spread: number
    readonly change: number
  }[]
  readonly signals: readonly RecordedSignal[]
}

/** One page of the call. */
export interface RecordedPage {
  readonly id: string
  readonly connections: readonly RecordedConnection[]
  readonly ticks: readonly Tick[]
}

/** A whole recording. */
export interface Recording extends RecordingHead {
  readonly pages: readonly RecordedPage[]
}
