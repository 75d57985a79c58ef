/** One participant of this page: a call and the camera it publishes. */
import { type Call, isHoldfastError } from 'holdfast'
import type { OwnMedia } from './synthetic-camera.js'

/** A participant that is in a call, or on the way into or out of it. */
export interface Session {
  readonly id: string
  readonly call: Call
  readonly media: OwnMedia
}

/** Who takes part. */
export interface Participant {
  /** Survives a refresh of this tab. */
  readonly id: string
  readonly name: string
  readonly room: string
}

/** Makes a call; replaced in tests. */
export type CallMaker = (participant: Participant) => Call

/** Publishes and joins; rejects with a sentence for people. The call is then in state `failed`. */
export async function joinSession(session: Session): Promise<void> {
  try {
    await session.call.publish(session.media.stream)
    await session.call.join()
  } catch (error) {
    throw new Error(isHoldfastError(error) ? error.message : 'The call could not be joined.', { cause: error })
  }
}

/** Leaves and gives the camera back. */
export async function endSession(session: Session): Promise<void> {
  await session.call.leave()
  session.media.stop()
}

/** An id for this tab; the n-th participant of a page has one of its own. */
export function participantId(index = 0): string {
  const key = `holdfast-demo-participant-${index}`
  try {
    const kept = sessionStorage.getItem(key)
    if (kept !== null) return kept
    const fresh = freshId()
    sessionStorage.setItem(key, fresh)
    return fresh
  } catch {
    // Storage is forbidden: a refresh then makes a new participant.
    return freshId()
  }
}

function freshId(): string {
  return `p-${crypto.randomUUID().slice(0, 8)}`
}
