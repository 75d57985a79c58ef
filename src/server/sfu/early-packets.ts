/**
 * Keeps the browser's first DTLS packets until werift listens for them. The browser sends them as soon as its
 * own connection check has passed, werift starts DTLS up to 20 ms later and would drop them, and the browser
 * repeats them only after 50 ms: half of the time that a connection takes on one machine.
 */
import type { RTCDtlsTransport } from 'werift'

/** A ClientHello with a post-quantum key share takes two packets; twice that is the most worth keeping. */
const KEPT_MAX = 4

/** Content types of DTLS records (RFC 7983 section 7): what else arrives is STUN or media. */
const DTLS_FIRST = 20
const DTLS_LAST = 63

/** Watches a transport that has not started DTLS yet. */
export function keepEarlyPackets(transport: RTCDtlsTransport): void {
  const { onData } = transport.iceTransport.connection
  const kept: Buffer[] = []
  const early = onData.subscribe((data) => {
    const first = data[0] ?? 0
    if (first >= DTLS_FIRST && first <= DTLS_LAST && kept.length < KEPT_MAX) kept.push(data)
  })
  const started = transport.onStateChange.subscribe((state) => {
    if (state === 'new') return
    early.unSubscribe()
    started.unSubscribe()
    // The state changes just before the listener is there.
    queueMicrotask(() => {
      for (const data of kept.splice(0)) onData.execute(data)
    })
  })
}
