/**
 * Who is let in: an app may demand that a participant shows a token which its own server has signed for this
 * person, this room and the very key that the page has minted (RFC 7519, with the key's thumbprint after
 * RFC 7800 and RFC 7638). Types only; what checks tokens is loaded when an app asks for it.
 */
import type { VoterId } from '../consensus/record.js'
import type { Json } from '../json.js'

/** What a token has to be made for. */
export interface AdmissionRequest {
  /** Claim `room`: this name, or a list that holds it. */
  readonly room: string
  /** Claim `sub`. */
  readonly participant: string
  /** Claim `cnf.jkt`: the thumbprint of the key that this page has just minted. */
  readonly thumbprint: string
}

/** How a call admits people; both functions are the app's. */
export interface Auth {
  /**
   * Gets a token for this page: a signed JWT with `sub`, `room`, `cnf.jkt`, `exp` and, if the app likes, `role`.
   * Called when the page joins, before a token runs out, and for each fresh key of the page.
   */
  readonly token: (request: AdmissionRequest) => string | Promise<string>
  /**
   * Checks the signature of anybody's token and resolves with its claims; rejects when it is not genuine.
   * `verifyTokens()` of `holdfast/auth` makes one. What the claims must say is checked by Holdfast itself.
   */
  readonly verify: (token: string) => unknown
}

/** One voter's accepted token. */
export interface Admission {
  readonly participant: string
  /** Claim `role`; null when the token grants none. */
  readonly role: string | null
  /** Wall-clock milliseconds since 1970. */
  readonly expiresAtMs: number
  /** All claims of the token, as they were signed. */
  readonly claims: Readonly<Record<string, Json>>
}

/** Decides whose registers and presence count in one room of this page. */
export interface AdmissionGate {
  /** Admitted voters of all pages. */
  readonly admissions: ReadonlyMap<VoterId, Admission>
  /** Whether the voter is admitted as this participant. */
  counts(voter: VoterId, participant: string): boolean
  /** Reads an entry of the shared map that holds an admission; null for all others. */
  read(key: string, value: unknown): Promise<boolean> | null
  /** Gets this page's own voter admitted. */
  admit(own: OwnAdmissionRequest): OwnAdmission
  /** Called now and then; `isNeeded` tells whose entries stay. */
  sweep(isNeeded: (voter: VoterId) => boolean): void
  close(): void
}

/** Whom to admit. */
export interface OwnAdmissionRequest {
  readonly participant: string
  readonly voter: VoterId
  /** Raw, base64url. */
  readonly publicKey: string
  readonly token: Auth['token']
  /** Gets the token, but shows it to the others only when told to: for the key of a later hop. */
  readonly isSpare?: boolean
}

/** The admission of an own voter, renewed until it is closed. */
export interface OwnAdmission {
  /** Rejects with an `admission-*` code when the first token was refused or could not be had. */
  readonly ready: Promise<void>
  /** Shows a spare's token. */
  show(): void
  /** Removes the token: its voter is given up. */
  abandon(): void
  /** Stops renewing and leaves the token where it is. */
  close(): void
}
