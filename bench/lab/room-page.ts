/**
 * The page of the lab: one room over Holdfast's document and one over bare y-webrtc side by side, both written
 * to all the time. Notes when something that the other host wrote arrived.
 */
import { WebrtcProvider } from 'y-webrtc'
import * as Y from 'yjs'
import type { Register } from '../../src/consensus/register.js'
import { openDocument, type SharedDocument } from '../../src/document/index.js'

/** What to open. */
export interface LabRoom {
  readonly me: string
  readonly room: string
  readonly signaling: string
  readonly password?: string
}

/** One change of another participant's entry. */
export interface Arrival {
  readonly from: string
  /** When it was written, and when it came; milliseconds since 1970. */
  readonly wroteAtMs: number
  readonly atMs: number
}

const connections: RTCPeerConnection[] = []
const Native = window.RTCPeerConnection
window.RTCPeerConnection = class extends Native {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    connections.push(this)
  }
}

const problems: string[] = []
addEventListener('error', (event) => problems.push(String(event.message)))
addEventListener('unhandledrejection', (event) => problems.push(String(event.reason)))

const now = (): number => performance.timeOrigin + performance.now()
const own: Arrival[] = []
const bare: Arrival[] = []
/** Moments at which the own document's data channels came or went. */
const links: { readonly atMs: number; readonly peers: readonly string[] }[] = []
let document: SharedDocument | null = null
let stock: { readonly doc: Y.Doc; readonly provider: WebrtcProvider; readonly me: string } | null = null
let hasHeardBare = false
let seq = 0

function registerOf(voter: string, participant: string): Register {
  seq += 1
  const lineage = `0.${voter}.0.`
  return {
    ...{ voter, seq, participant, joinedAt: 1, lineage, caps: [], warm: {}, promised: 0, votedBallot: -1 },
    head: { lineage, n: 0, provider: null, committee: [voter], providers: [], caps: [0], parent: '' },
    ...{ voted: null, proposedRound: Math.round(now()), proposed: null },
  }
}

function noteArrivals(opened: SharedDocument): void {
  const seen = new Map<string, number>()
  opened.on('registers', () => {
    for (const { participant, seq: theirs, proposedRound } of opened.registers().values()) {
      if (participant === lab.me || (seen.get(participant) ?? 0) >= theirs) continue
      seen.set(participant, theirs)
      own.push({ from: participant, wroteAtMs: proposedRound, atMs: now() })
    }
  })
  let last = ''
  opened.on('link', () => {
    const peers = lab.peersBy('webrtc')
    if (peers.join() !== last) links.push({ atMs: now(), peers })
    last = peers.join()
  })
}

const lab = {
  me: '',
  async openOwn({ me, room, signaling, password }: LabRoom) {
    lab.me = me
    const secret = password === undefined ? {} : { password }
    document = await openDocument({ room, participant: me, signaling: [signaling], ...secret })
    noteArrivals(document)
  },
  openBare({ me, room, signaling }: LabRoom) {
    const doc = new Y.Doc()
    const provider = new WebrtcProvider(room, doc, {
      signaling: [signaling],
      peerOpts: { config: { iceServers: [] } },
    })
    doc.getMap<number>('marks').observe((event) => {
      for (const from of event.keysChanged) {
        if (from === me) continue
        hasHeardBare = true
        bare.push({ from, wroteAtMs: doc.getMap<number>('marks').get(from) ?? 0, atMs: now() })
      }
    })
    stock = { doc, provider, me }
  },
  async write() {
    stock?.doc.getMap<number>('marks').set(stock.me, now())
    document?.beat()
    if (document !== null) await document.publish(registerOf(document.voter, lab.me))
  },
  writeEvery(intervalMs: number) {
    setInterval(() => void lab.write(), intervalMs)
  },
  /** Participants that one kind of link reaches. */
  peersBy: (kind: string): readonly string[] =>
    document?.links.filter((link) => link.kind === kind).flatMap(({ peers }) => peers) ?? [],
  hasHeardBare: () => hasHeardBare,
  linkStates: () => document?.links ?? [],
  arrivals: () => ({ own: own.splice(0), bare: bare.splice(0), links: links.splice(0) }),
  /** Ends every data channel of the own document, then those of the bare room. */
  destroyPeers() {
    const ofStock = [...(stock?.provider.room?.webrtcConns.values() ?? [])]
    const stockConnections = new Set(ofStock.map(({ peer }) => peer._pc as RTCPeerConnection))
    for (const one of connections.splice(0)) if (!stockConnections.has(one)) one.close()
    for (const { peer } of ofStock) peer.destroy()
  },
  problems: () => problems,
}

/** What scenarios call through `page.evaluate`. */
export type Lab = typeof lab

declare global {
  interface Window {
    lab: Lab
  }
}

window.lab = lab
