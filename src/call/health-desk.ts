/**
 * The page side of the detectors: tells the worker the facts of the page, takes its reports, and passes them on
 * as events, lines of the timeline, a word to the others and readings for the history. Loaded after the start;
 * the script-tag build has none.
 */
import type { Alert } from '../health/alert.js'
import type { PageFacts } from '../health/facts.js'
import type { HealthReport } from '../health/report.js'
import type { RiskReport } from '../health/risk.js'
import { writeWord } from '../health/word.js'
import type { StoredReading } from '../history/archive-contract.js'
import { alertText, blameText } from './alert-text.js'
import type { CallCore } from './core.js'
import { createFactsReader } from './health-facts.js'
import { readingsOf } from './health-readings.js'
import type { HealthDesk, ReadingsQuery } from './health-view.js'

/** Most facts change slowly; who publishes and mutes what is told at once, or a paused camera looks frozen. */
const FACTS_EVERY_MS = 900
/** Words are for blame; the others need no more than one a second. */
const WORD_EVERY_MS = 1_000
/** A day at one row in ten seconds is 8640 rows. */
const READINGS_EVERY_MS = 10_000

/** Makes the desk of a call. */
export function createHealthDesk(core: CallCore): HealthDesk {
  const { clock, options } = core
  const reader = createFactsReader(core, options.health?.thresholds ?? null)
  let report: HealthReport | null = null
  let risk: RiskReport | null = null
  let toldStates = ''
  let factsAtMs = Number.NEGATIVE_INFINITY
  let wordAtMs = Number.NEGATIVE_INFINITY
  let readingsAtMs = clock.now()
  let told = ''

  const tellOthers = (next: HealthReport): void => {
    const text = writeWord(next.word)
    if (text === told || clock.now() - wordAtMs < WORD_EVERY_MS) return
    told = text
    wordAtMs = clock.now()
    core.document.announce({ word: text })
  }
  const keep = (next: HealthReport): void => {
    if (clock.now() - readingsAtMs < READINGS_EVERY_MS) return
    readingsAtMs = clock.now()
    void core.experience?.archive.readings.append(options.room, readingsOf(next, clock.wallNow()))
  }
  return {
    facts(): PageFacts | null {
      const states = reader.states()
      if (states === toldStates && clock.now() - factsAtMs < FACTS_EVERY_MS) return null
      toldStates = states
      factsAtMs = clock.now()
      return reader.read()
    },
    take(next) {
      report = next
      for (const { type, alert } of next.changes) {
        core.events.emit(`alert-${type}`, alert)
        if (type === 'raised') note(core, alert)
      }
      tellOthers(next)
      keep(next)
      if (next.changes.length > 0) core.requestRefresh()
    },
    takeRisk(next) {
      risk = next
      for (const one of next.changes) core.events.emit('risk-changed', one)
      // A standby is prepared, or no longer.
      if (next.changes.length > 0) core.requestRefresh()
    },
    latest: () => report,
    latestRisk: () => risk,
    riskLevel: (provider) =>
      risk?.risks.find(({ about }) => about.type === 'provider' && about.id === provider)?.level ?? 'low',
    async readings(query: ReadingsQuery = {}): Promise<readonly StoredReading[]> {
      return (await core.experience?.archive.readings.query({ room: options.room, ...query })) ?? []
    },
    stop: () => reader.stop(),
  }
}

/** Low alerts are notes for those who ask; the timeline is for what people notice. */
function note({ timeline, reading }: CallCore, alert: Alert): void {
  if (alert.severity === 'low') return
  const nameOf = (participant: string): string =>
    reading?.participants.get(participant)?.name ?? 'a participant'
  const why = blameText(alert, nameOf)
  const text = alertText(alert, nameOf)
  const provider = alert.about.type === 'provider' ? { provider: alert.about.id } : {}
  timeline.add('incident', text, { ...(why === null ? {} : { why }), ...provider })
}
