/**
 * Ends sending to a dead server that the call has left. Its connection stays open for a while, because it carries
 * the last pictures; what we send there is encoded, encrypted and lost, on processors that the next connection needs.
 */
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** Closes the peer connections that only send, of every connection that the agreement has left for dead. */
export function endDeadSenders(
  { pool, verdicts, held }: Pick<CallCore, 'pool' | 'verdicts' | 'held'>,
  { agreed }: Pick<Reading, 'agreed'>,
): void {
  for (const { id, provider, connection } of pool.entries()) {
    if (agreed === null || provider.id === agreed || held.has(id)) continue
    const verdict = verdicts.get(id)
    // Where our own path is to blame, the server may still hear us.
    if (verdict?.state !== 'dead' || verdict.blame !== 'provider') continue
    for (const { pc, role } of connection?.peerConnections?.() ?? []) if (role === 'send') pc.close()
  }
}
