/**
 * A page cannot make its network lose packets. It drops frames that have arrived, and this makes the statistics of
 * these receivers tell of them as of lost packets: what is heard and seen is real, the counters are not.
 */

const COUNTED = new Set(['packetsReceived', 'packetsLost'])

/** From now on, until the result is called, this share of what the receivers get counts as lost. */
export function countLosses(
  pcs: readonly RTCPeerConnection[],
  receivers: readonly RTCRtpReceiver[],
  share: number,
): () => void {
  const tracks = new Set(receivers.map(({ track }) => track.id))
  /** Packets of each stream when the losses began, and how many were lost when they ended. */
  const begun = new Map<string, number>()
  const kept = new Map<string, number>()
  let isActive = true
  const lostOf = (row: Row): number => {
    const first = begun.get(row.id) ?? row.packetsReceived
    begun.set(row.id, first)
    const lost = isActive ? Math.round((row.packetsReceived - first) * share) : (kept.get(row.id) ?? 0)
    kept.set(row.id, lost)
    return lost
  }
  for (const pc of pcs) {
    const read = pc.getStats.bind(pc)
    pc.getStats = async (...selected) => {
      const report = await read(...selected)
      const rows = new Map<string, unknown>()
      report.forEach((value: Row, key: string) => {
        const isHit = value.type === 'inbound-rtp' && tracks.has(value.trackIdentifier)
        rows.set(key, isHit ? withLosses(value, lostOf(value)) : value)
      })
      return rows as unknown as RTCStatsReport
    }
  }
  return () => {
    isActive = false
  }
}

interface Row {
  readonly id: string
  readonly type: string
  readonly trackIdentifier: string
  readonly packetsReceived: number
  readonly packetsLost: number
}

function withLosses(row: Row, lost: number): Row {
  if (![...COUNTED].every((key) => key in row)) return row
  return { ...row, packetsReceived: row.packetsReceived - lost, packetsLost: row.packetsLost + lost }
}
