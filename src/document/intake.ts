/**
 * How much a page takes in from each sender on each way. What is above that is dropped and reported as `flood-limited`;
 * an honest sender who was over it for a moment loses nothing by it, because documents are compared every few seconds
 * and presence is said anew. Strangers share one allowance, so that invented names gain nothing and cannot use up
 * that of a page that is known. The limits are an order of magnitude above the busiest honest page.
 */
import type { Awareness } from 'y-protocols/awareness'
import type { Clock } from '../clock.js'
import { type Allowance, createAllowance } from './allowance.js'
import type { Reject } from './rejections.js'

/** Whether a message of `sender` may be looked at: one of y-webrtc as bytes, a size in bytes, or what JSON held. */
export type Intake = (sender: string, message: unknown) => boolean

/** What {@link createIntake} needs. */
export interface IntakeOptions {
  readonly clock: Clock
  readonly reject: Reject
  /** Whether a sender has an allowance of its own. Default: everybody. */
  readonly isKnown?: (sender: string) => boolean
}

interface Sender {
  readonly messages: Allowance
  readonly weight: Allowance
}

/** Makes the intake of one way. */
export function createIntake({ clock, reject, isKnown = () => true }: IntakeOptions): Intake {
  const known = new Map<string, Sender>()
  const strangers = senderOf(clock, STRANGERS_FACTOR)
  const allowanceOf = (name: string): Sender => {
    if (!isKnown(name)) return strangers
    const sender = known.get(name) ?? senderOf(clock, 1)
    // Whoever spoke last stands last, and the longest silent makes room.
    known.delete(name)
    if (known.size >= SENDERS_MAX) known.delete([...known.keys()][0] ?? '')
    known.set(name, sender)
    return sender
  }
  return (name, message) => {
    const sender = allowanceOf(name)
    if (sender.messages(1) && sender.weight(weightOf(message))) return true
    reject('flood-limited', name)
    return false
  }
}

/** Forgets states of strangers when there are too many, whoever brought them. */
export function pruneStrangers(awareness: Awareness, isKnown: (client: number) => boolean): void {
  if (awareness.meta.size <= STATES_MAX) return
  for (const client of [...awareness.meta.keys()]) {
    if (isKnown(client)) continue
    awareness.states.delete(client)
    awareness.meta.delete(client)
  }
}

function senderOf(clock: Clock, factor: number): Sender {
  return {
    messages: createAllowance(clock, factor * MESSAGES_PER_S, factor * MESSAGES_BURST),
    weight: createAllowance(clock, factor * BYTES_PER_S, factor * BYTES_BURST),
  }
}

function weightOf(message: unknown): number {
  if (typeof message === 'number') return message
  if (!(message instanceof Uint8Array)) return JSON.stringify(message)?.length ?? 0
  if (message[0] !== AWARENESS) return message.length
  // Each state costs memory, however short it is: it weighs what an honest one does.
  const [, afterLength] = readVaruint(message, 1)
  const [states] = readVaruint(message, afterLength)
  return Math.max(message.length, states * STATE_BYTES)
}

/** A number of seven bits a byte, and where it ends. */
function readVaruint(bytes: Uint8Array, start: number): readonly [value: number, end: number] {
  let value = 0
  for (let at = start, factor = 1; at < bytes.length; at += 1, factor *= CONTINUED) {
    const byte = bytes[at] ?? 0
    value += (byte % CONTINUED) * factor
    if (byte < CONTINUED) return [value, at + 1]
  }
  return [Number.POSITIVE_INFINITY, bytes.length]
}

/** A page in a room of thirty that passes on what twenty others say while a decision is on its way says some 200 a second. */
const MESSAGES_PER_S = 256
/** Half a second of a whole room that joins at once, with the candidates of every connection. */
const MESSAGES_BURST = 2048
/** A document is some 100 kB, and a busy decision some kilobytes. */
const BYTES_PER_S = 256 * 1024
/** Two of the largest messages that are put together from parts. */
const BYTES_BURST = 8 * 1024 * 1024
/** All who are not known yet, together: a newcomer knows nobody. */
const STRANGERS_FACTOR = 2
/** As many as pages are remembered; with more, the longest silent begins with a fresh allowance. */
const SENDERS_MAX = 256
/** Two for each page, and eight times as many pages as are remembered. */
const STATES_MAX = 4096
/** What one participant's presence takes. */
const STATE_BYTES = 1024
/** The kind of an awareness message in y-webrtc's protocol. */
const AWARENESS = 1
/** A byte from here on is followed by another one. */
const CONTINUED = 128
