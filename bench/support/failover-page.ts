/**
 * The measured page: the call page of the tests, the hand-written baseline beside it, and three probes that
 * look at the same tab: audible concealment, the document's round trip and the sampler's cost.
 */
import '../../test/support/call-page.js'
import './plain-page.js'
import { systemClock } from '../../src/clock.js'
import { freshRegister, type Register } from '../../src/consensus/register.js'
import type { SharedDocument } from '../../src/document/contract.js'
import { openDocument } from '../../src/document/open-document.js'
import { createSampler } from '../../src/worker/sampler.js'

const NativePeerConnection = window.RTCPeerConnection
const pcs = new Set<RTCPeerConnection>()
window.RTCPeerConnection = class extends NativePeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    pcs.add(this)
  }
}

interface Heard {
  readonly trackId: string
  readonly concealed: number
}

const concealedSamples = new Map<string, number>()
const heard = new Map<string, Heard>()

/** Adds what was concealed since the last look on the audio track that is shown for each peer. */
async function listen(): Promise<void> {
  const shown = new Map<string, string>()
  for (const peer of window.rig.call.getSnapshot().peers) {
    const track = peer.stream.getAudioTracks()[0]
    if (track) shown.set(track.id, peer.id)
  }
  for (const pc of pcs) {
    for (const receiver of pc.getReceivers()) {
      const peer = shown.get(receiver.track.id)
      if (peer === undefined) continue
      for (const stat of (await receiver.getStats()).values()) {
        if (stat.type !== 'inbound-rtp') continue
        const concealed = (stat.concealedSamples ?? 0) - (stat.silentConcealedSamples ?? 0)
        const before = heard.get(peer)
        if (before?.trackId === receiver.track.id)
          concealedSamples.set(peer, (concealedSamples.get(peer) ?? 0) + concealed - before.concealed)
        heard.set(peer, { trackId: receiver.track.id, concealed })
      }
    }
  }
}

let shared: SharedDocument | null = null
let asked = 0

/** The size of a register in a call of three, and nothing that anybody would act upon. */
function registerOf(voter: string, seq: number): Register {
  const lineage = `0.${voter}.0.${voter}`
  const identity = { voter, participant: voter, joinedAt: 0, caps: ['east', 'west'], warm: {} }
  const head = {
    lineage,
    n: 0,
    provider: 'east',
    committee: [voter],
    providers: ['east', 'west'],
    caps: [3],
    parent: '',
  }
  return { ...freshRegister(identity, head), seq }
}

/** Answers each register of the page that asks with one of the same number; returns the own voter. */
function answerRegisters(document: SharedDocument): string {
  document.on('registers', () => {
    const registers = document.registers()
    const own = registers.get(document.voter)?.seq ?? 0
    const highest = Math.max(0, ...[...registers.values()].map((one) => one.seq))
    if (highest > own && highest > asked) {
      asked = highest
      void document.publish(registerOf(document.voter, highest))
    }
  })
  return document.voter
}

const probes = {
  /** Milliseconds of audible concealment so far, by peer. */
  async concealedMs(): Promise<Record<string, number>> {
    await listen()
    return Object.fromEntries([...concealedSamples].map(([peer, samples]) => [peer, samples / 48]))
  },
  startListening(): void {
    setInterval(() => void listen(), 100)
  },
  /** Opens a document of its own in another room and answers with its voter. */
  async openDocument(room: string, participant: string, signaling: readonly string[]): Promise<string> {
    shared = await openDocument({ room, participant, signaling, iceServers: [], clock: systemClock() })
    return answerRegisters(shared)
  },
  /** Until everybody named has answered a register of this page with one of their own, in milliseconds. */
  async writtenRoundTripMs(voters: readonly string[]): Promise<number> {
    const document = shared
    if (document === null) throw new Error('no document')
    asked += 1
    const seq = asked
    const startedAt = performance.now()
    const isAnswered = (): boolean =>
      voters.every((voter) => (document.registers().get(voter)?.seq ?? 0) >= seq)
    const answered = new Promise<void>((resolve) => {
      const off = document.on('registers', () => {
        if (!isAnswered()) return
        off()
        resolve()
      })
    })
    await document.publish(registerOf(document.voter, seq))
    await answered
    return performance.now() - startedAt
  },
  roundTripMs: (voter: string): Promise<number> =>
    shared === null
      ? Promise.reject(new Error('no document'))
      : shared.measureRoundTrip(voter, AbortSignal.timeout(5000)),
  /** Main-thread milliseconds per peer and sample, measured on this page's own connections. */
  async samplerCostsMs(count: number): Promise<readonly number[]> {
    let batches = 0
    const peers = window.rig.call.getSnapshot().peers.map((peer) => peer.id)
    const open = [...pcs].filter((pc) => pc.connectionState === 'connected' && pc.getReceivers().length > 0)
    const sampler = createSampler({
      clock: systemClock(),
      sources: () => [
        {
          connectionId: 'bench',
          provider: 'bench',
          role: 'current',
          hasServer: true,
          expectsInbound: true,
          expectsOutbound: true,
          entries: open.map((pc, index) => ({
            id: String(index),
            pc,
            role: 'recv',
            peer: peers[index % peers.length] ?? null,
          })),
        },
      ],
      onBatch: () => {
        batches += 1
      },
    })
    for (let tick = 0; tick < count * 3 && sampler.costsMs().length < count; tick += 1) {
      sampler.tick(true)
      await new Promise((resolve) => setTimeout(resolve, 260))
    }
    const costs = sampler.costsMs()
    sampler.stop()
    if (batches === 0) throw new Error('the sampler took no sample')
    return costs
  },
  camera: (): MediaStream => window.rig.camera,
}

/** What the suite calls besides the rig. */
export type Probes = typeof probes

declare global {
  interface Window {
    probes: Probes
  }
}

window.probes = probes
