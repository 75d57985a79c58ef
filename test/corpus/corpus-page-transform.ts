/** Encoded transforms that can break what they carry: payloads, or time. */

/** What a transform does. `delay`: holds frames `value` ms per second longer, up to 3 s; `garble`: every payload; `flip`: some bytes. */
export type FaultMode = { readonly kind: 'pass' | 'garble' | 'flip' | 'delay'; readonly value?: number }

/** Runs in a worker of its own, as text: a bundle has one file. */
const WORKER = `
const channel = new BroadcastChannel('corpus-fault')
const modes = new Map()
channel.onmessage = ({ data }) => modes.set(data.where, { ...data.mode, since: performance.now() })
onrtctransform = ({ transformer }) => {
  const { where } = transformer.options
  let tail = Promise.resolve()
  transformer.readable.pipeThrough(new TransformStream({
    transform(frame, controller) {
      const mode = modes.get(where) ?? modes.get(where.split(':').slice(0, 2).join(':')) ?? { kind: 'pass' }
      if (mode.kind === 'garble' || mode.kind === 'flip') {
        const bytes = new Uint8Array(frame.data.slice(0))
        const from = mode.kind === 'garble' ? 0 : Math.min(12, bytes.length - 1)
        const step = mode.kind === 'garble' ? 1 : 17
        for (let at = from; at < bytes.length; at += step) bytes[at] = Math.random() * 256
        frame.data = bytes.buffer
      }
      if (mode.kind !== 'delay') { controller.enqueue(frame); return }
      const wait = Math.min(3000, ((performance.now() - mode.since) / 1000) * (mode.value ?? 100))
      setTimeout(() => { try { controller.enqueue(frame) } catch {} }, wait)
    },
  })).pipeTo(transformer.writable).catch(() => {})
}
`

let worker: Worker | null = null

/** Puts a transform on a sender or receiver; `where` is the name by which a fault is switched on. */
export function startTransform(end: RTCRtpSender | RTCRtpReceiver, where: string): void {
  worker ??= new Worker(URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' })))
  end.transform = new RTCRtpScriptTransform(worker, { where })
}
