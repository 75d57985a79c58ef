/** What a scenario of the corpus is. */
import type { FaultCause, Topology } from './recording.js'
import type { Stage } from './stage.js'

/** Where one recording of a scenario differs from the next. */
export interface Take {
  /** 0, 1, 2, ...: odd takes are held out. */
  readonly number: number
  readonly topology: Topology
  /** Whose fault it is in this take. */
  readonly at: string
  /** When it begins. */
  readonly fromMs: number
  /** Scales the strength of the fault from take to take. */
  readonly strength: number
}

/** One label. */
export interface Scenario {
  readonly label: string
  readonly culprit: FaultCause
  /** What is injected and how. */
  readonly note: string
  readonly seconds: number
  /** Before the fault, besides the four seconds that all have. */
  readonly leadMs?: number
  /** One recording each. */
  readonly topologies: readonly Topology[]
  /** The fault is nobody's in particular: the provider's, or the path's. */
  readonly isNobodys?: boolean
  readonly hasTransforms?: boolean
  /** The participant at fault sits in a browser of its own, whose processes get little of the CPU. */
  readonly isStarved?: boolean
  readonly isRelayed?: boolean
  /** Present from the first second on. */
  readonly isFromStart?: boolean
  /** Does it; resolves when the fault is in place or over. */
  inject(stage: Stage, take: Take, tools: Tools): Promise<void>
}

/** What only the driver can do. */
export interface Tools {
  /** The fault is over. */
  ended(atMs: number): void
  /** Takes CPU time away from the browser of who sits apart, to this share of one core. */
  starve(share: number): Promise<void>
}
