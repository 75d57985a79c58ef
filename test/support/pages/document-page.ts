/** A page that holds documents for the browser tests, driven through `window.holdfastTest`. */
import type { Register } from '../../../src/consensus/register.js'
import { type LinkFactory, openDocument, type SharedDocument } from '../../../src/document/index.js'
import type { Json } from '../../../src/json.js'

/** What a test tells the page to open. */
export interface OpenRequest {
  readonly participant: string
  readonly room: string
  readonly signaling: readonly string[]
  readonly password?: string
  /** Keeps the voter over a refresh, and says goodbye on `pagehide` as a call does. */
  readonly keepSeat?: boolean
  /** Lets the test write into the shared document beside the registers. */
  readonly isWritable?: boolean
}

interface Held {
  readonly document: SharedDocument
  readonly rejected: string[]
  readonly heard: { from: string; message: Json }[]
  seq: number
}

/** Every peer connection of the page, so that a test can break them as a network would. */
const connections: RTCPeerConnection[] = []
const Native = window.RTCPeerConnection
window.RTCPeerConnection = class extends Native {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.push(this)
  }
}

/** Sizes of all messages that left on data channels. */
const sentBytes: number[] = []
const send = RTCDataChannel.prototype.send as (data: ArrayBufferView) => void
RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
  sentBytes.push((data as ArrayBufferView).byteLength)
  send.call(this, data as ArrayBufferView)
}

type LinkedDoc = Parameters<LinkFactory>[0]['doc']

/** The document behind the pages' own, by participant. */
const docs = new Map<string, LinkedDoc>()
/** A way that leads nowhere: it only shows the document to the test. */
const showing =
  (participant: string): LinkFactory =>
  ({ doc }) => {
    docs.set(participant, doc)
    return { snapshot: () => ({ kind: 'test', state: 'closed', peers: [], paths: [] }), close: () => undefined }
  }
const largeOf = (participant: string) => {
  const doc = docs.get(participant)
  if (doc === undefined) throw new Error(`${participant} was not opened as writable`)
  return doc.getMap<string>('large')
}

const held = new Map<string, Held>()
const uncaught: string[] = []
addEventListener('error', (event) => uncaught.push(String(event.message)))
addEventListener('unhandledrejection', (event) => uncaught.push(String(event.reason)))

const of = (participant: string): Held => {
  const found = held.get(participant)
  if (found === undefined) throw new Error(`no document of ${participant}`)
  return found
}

function registerOf(document: SharedDocument, participant: string, seq: number): Register {
  return {
    voter: document.voter,
    seq,
    participant,
    joinedAt: 1,
    lineage: `0.${document.voter}.0.`,
    head: {
      lineage: `0.${document.voter}.0.`,
      n: 0,
      provider: null,
      committee: [document.voter],
      providers: ['east', 'west'],
      caps: [3],
      parent: '',
    },
    caps: ['east', 'west'],
    warm: {},
    promised: 0,
    votedBallot: -1,
    voted: null,
    proposedRound: 0,
    proposed: null,
  }
}

const api = {
  async open(request: OpenRequest) {
    const startedAtMs = performance.now()
    const { participant, keepSeat = false, isWritable = false, ...rest } = request
    const document = await openDocument({
      ...{ participant, name: participant, ...rest },
      ...(keepSeat ? { keepSeat: () => true } : {}),
      ...(isWritable ? { links: [showing(participant)] } : {}),
    })
    const entry: Held = { document, rejected: [], heard: [], seq: document.kept?.seq ?? 0 }
    if (keepSeat) addEventListener('pagehide', () => document.farewell())
    held.set(participant, entry)
    document.on('rejected', (error) => entry.rejected.push(error.code))
    document.channel('test').subscribe((from, message) => entry.heard.push({ from, message }))
    await api.publish(participant)
    const { voter, kept } = document
    return { voter, keptSeq: kept?.seq ?? null, tookMs: performance.now() - startedAtMs }
  },
  async publish(participant: string) {
    const entry = of(participant)
    entry.seq += 1
    await entry.document.publish(registerOf(entry.document, participant, entry.seq))
    return entry.seq
  },
  /** Participants with a register here, each with its highest seq. */
  registers: (participant: string) =>
    Object.fromEntries(
      [...of(participant).document.registers().values()].map((one) => [one.participant, one.seq]),
    ),
  voters: (participant: string) => [...of(participant).document.registers().keys()],
  presence: (participant: string) =>
    [...of(participant).document.presence().values()].map(
      ({ participant, voter, beat, hasLeft, heardAtMs, name }) => ({
        participant,
        voter,
        beat,
        hasLeft,
        name,
        silentForMs: performance.now() - heardAtMs,
      }),
    ),
  links: (participant: string) => of(participant).document.links,
  status: (participant: string) => {
    const { isSyncing, hasHeardPeer } = of(participant).document
    return { isSyncing, hasHeardPeer }
  },
  beat: (participant: string) => of(participant).document.beat(),
  hop: (participant: string) => of(participant).document.hop(),
  send: (participant: string, to: string | null, message: Json) =>
    of(participant).document.channel('test').send(to, message),
  heard: (participant: string) => of(participant).heard,
  rejected: (participant: string) => of(participant).rejected,
  farewell: (participant: string) => of(participant).document.farewell(),
  async close(participant: string) {
    await of(participant).document.close()
    held.delete(participant)
  },
  roundTrip: (participant: string, voter: string) =>
    of(participant).document.measureRoundTrip(voter, AbortSignal.timeout(5000)),
  breakLinks() {
    for (const connection of connections.splice(0)) connection.close()
  },
  /** Peer connections that exist and are not connected: zombies, once things have settled. */
  unfinishedConnections: () =>
    connections.filter((one) => one.connectionState !== 'connected' && one.connectionState !== 'closed').length,
  openConnections: () => connections.filter((one) => one.connectionState === 'connected').length,
  uncaught: () => uncaught,
  /** Writes a text of so many bytes in one change. */
  writeLarge(participant: string, bytes: number) {
    largeOf(participant).set('text', 'x'.repeat(bytes))
  },
  largeBytes: (participant: string) => largeOf(participant).get('text')?.length ?? 0,
  sentBytes: () => sentBytes,
  /** Resolves with the milliseconds until `participant` sees registers and presence of all of `others`. */
  untilSeen: (participant: string, others: readonly string[]) =>
    new Promise<number>((resolve) => {
      const startedAtMs = performance.now()
      const { document } = of(participant)
      const look = (): void => {
        const registers = new Set([...document.registers().values()].map((one) => one.participant))
        const present = new Set([...document.presence().values()].map((one) => one.participant))
        if (!others.every((one) => registers.has(one) && present.has(one))) return
        for (const one of undo) one()
        resolve(performance.now() - startedAtMs)
      }
      const undo = [document.on('registers', look), document.on('presence', look)]
      look()
    }),
}

/** What tests may call. */
export type DocumentPage = typeof api

declare global {
  interface Window {
    holdfastTest: DocumentPage
  }
}

window.holdfastTest = api
