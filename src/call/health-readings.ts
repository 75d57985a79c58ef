/** What is kept of a report for a day: a row for each path and track, and one for the call. */
import type { HealthReport } from '../health/report.js'
import type { StoredReading } from '../history/archive-contract.js'

/** Readings of one report. */
export function readingsOf({ overview, alerts }: HealthReport, atMs: number): readonly StoredReading[] {
  const kinds = [...new Set(alerts.map(({ kind }) => kind))]
  const call: StoredReading = {
    atMs,
    series: 'call',
    participant: null,
    values: { alerts: alerts.length, isOnline: Number(overview.isOnline) },
    tags: kinds.slice(0, TAGS_MAX),
  }
  const paths = overview.paths.map(
    ({ provider, rttMs, availableOutgoingBps, sentBps, receivedBps }): StoredReading => ({
      atMs,
      series: `path/${provider}`,
      participant: null,
      values: { rttMs, availableOutgoingBps, sentBps, receivedBps },
      tags: [],
    }),
  )
  const tracks = overview.tracks.map(
    ({ participant, media, bitrateBps, lossRatio, jitterMs, fps, concealedRatio }): StoredReading => ({
      atMs,
      series: `${participant === null ? 'out' : 'in'}/${media}`,
      participant,
      values: { bitrateBps, lossRatio, jitterMs, fps, concealedRatio },
      tags: [],
    }),
  )
  return [call, ...paths, ...tracks].slice(0, READINGS_MAX)
}

/** Promised by `StoredReading.tags`. */
const TAGS_MAX = 16
/** Promised by `ReadingStore.append`; a call of this many tracks has other worries. */
const READINGS_MAX = 600
