/** Page of the worker tests: starts the worker, and measures what a sample of real connections costs. */
import { systemClock } from '../../src/clock.js'
import { I } from '../../src/health/layout.js'
import { unpackSample } from '../../src/health/pack.js'
import { startWorker } from '../../src/worker/host.js'
import type { SampleBatch } from '../../src/worker/protocol.js'
import { createSampler } from '../../src/worker/sampler.js'

const clock = systemClock()

const workerPage = {
  /** Starts a worker and proves that it ticks, keeps time and judges. */
  async start(workerUrl: string, source: string) {
    const host = await startWorker({ clock, workerUrl, source })
    const startMs = performance.now()
    await new Promise<void>((resolve) => {
      const undo = host.onTick(() => {
        undo()
        resolve()
      })
    })
    const tickMs = performance.now() - startMs
    await new Promise<void>((resolve) => {
      host.clock.after(20, resolve)
    })
    const output = await host.engine.ingest({ atMs: clock.now(), isOnline: true, connections: [] })
    host.close()
    return { kind: host.kind, fallbacks: host.fallbacks, tickMs, nextTickMs: output?.nextTickMs ?? null }
  },
  /** Samples loopback pairs for a while and gives the costs per peer and what was read. */
  async measure(pairs: number) {
    const camera = await navigator.mediaDevices.getUserMedia({
      video: { width: 320, height: 240 },
      audio: true,
    })
    const entries = await Promise.all(
      Array.from({ length: pairs }, async (_, index) => ({
        id: `pc${index}`,
        pc: await receiverOf(camera),
        role: 'recv' as const,
        peer: `peer${index}`,
      })),
    )
    const batches: SampleBatch[] = []
    const source = { connectionId: 'c', provider: 'east', role: 'current', hasServer: true, entries } as const
    const sampler = createSampler({
      clock,
      sources: () => [{ ...source, expectsInbound: true, expectsOutbound: false }],
      onBatch: (batch) => batches.push(batch),
    })
    for (let index = 0; index < 40; index += 1) {
      sampler.tick(true)
      await new Promise<void>((resolve) => {
        clock.after(100, resolve)
      })
    }
    const ages: number[] = []
    const pulseAges: number[] = []
    const pulseCosts: number[] = []
    for (const { atMs, connections } of batches)
      for (const { values } of connections) {
        const sample = values && unpackSample(values)
        if (!sample) continue
        for (const row of sample.inbound) ages.push(row[I.sincePacketMs] ?? Number.NaN)
        if (sample.isFull) continue
        pulseAges.push(atMs - sample.mediaAtMs)
        pulseCosts.push(sample.costMs)
      }
    const costs = sampler.costsMs()
    return { costs, ages, pulseAges: pulseAges.slice(5), pulseCosts, rows: batches.length }
  },
}
export type WorkerPage = typeof workerPage
Object.assign(globalThis, { workerPage })

async function receiverOf(camera: MediaStream): Promise<RTCPeerConnection> {
  const [sender, receiver] = [new RTCPeerConnection(), new RTCPeerConnection()]
  sender.onicecandidate = ({ candidate }) => void receiver.addIceCandidate(candidate ?? undefined)
  receiver.onicecandidate = ({ candidate }) => void sender.addIceCandidate(candidate ?? undefined)
  for (const track of camera.getTracks()) sender.addTrack(track.clone(), camera)
  await sender.setLocalDescription()
  await receiver.setRemoteDescription(sender.localDescription as RTCSessionDescription)
  await receiver.setLocalDescription()
  await sender.setRemoteDescription(receiver.localDescription as RTCSessionDescription)
  const element = document.createElement('video')
  element.autoplay = true
  element.srcObject = new MediaStream(receiver.getReceivers().map((one) => one.track))
  document.body.append(element)
  return receiver
}
