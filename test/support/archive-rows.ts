/** Rows of the archive for tests. */
import type { ExplanationRow, StoredReading } from '../../src/history/archive-contract.js'

let made = 0

/** A decision that was made a moment ago. */
export function explanationOf(facts: Partial<ExplanationRow> = {}): ExplanationRow {
  made += 1
  const atMs = Date.now() - 60_000 + made
  return {
    id: `e-${String(made).padStart(6, '0')}`,
    room: 'team',
    atMs,
    keepUntilMs: atMs + 1,
    participant: 'ana',
    signature: 'path-broken/path',
    context: 'browser=chromium;network=wifi;provider=whip;stage=first',
    strategy: 'ice-restart',
    number: 1,
    by: 'learned',
    propensity: 0.96,
    confidence: 0.9,
    options: [
      { strategy: 'ice-restart', success: 0.8, successMs: 800, costMs: 1500 },
      { strategy: 'reconnect', success: 0.7, successMs: 1500, costMs: 2400 },
    ],
    key: 'path-broken.ice-restart',
    summary: 'Looking for a new path to east, only here.',
    cause: 'The path from here to east broke: no media arrives from it.',
    why: 'Worked best here, 90 % sure.',
    userAction: 'Nothing.',
    severity: 'high',
    outcome: 'succeeded',
    durationMs: 820,
    mediaGapMs: 640,
    ...facts,
  }
}

/** A reading of a moment ago. */
export function readingOf(facts: Partial<StoredReading> = {}): StoredReading {
  return {
    atMs: Date.now() - 1000,
    series: 'call',
    participant: null,
    values: { score: 93, rttMs: 20 },
    tags: ['packet-loss'],
    ...facts,
  }
}
