/** Every decision that the engine can come to about any incident, and whether it says all that it has to. */
import { describe, expect, it } from 'vitest'
import type { Culprit } from '../../../src/health/alert.js'
import type { Nothing } from '../../../src/recovery/engine/contract.js'
import {
  assumedOption,
  type Decision,
  explainIncident,
  fixedReasoning,
} from '../../../src/recovery/incident-explanation.js'
import { REPAIRED_KINDS } from '../../../src/recovery/incident-kinds.js'
import { STRATEGIES } from '../../../src/recovery/strategy-specs.js'
import { RECOVERY_TEXTS } from '../../../src/recovery/texts.js'
import { anIncident } from './engine/support.js'

const CULPRITS: readonly Culprit[] = [
  'my-network',
  'my-device',
  'my-cpu',
  'sender',
  'receiver',
  'provider',
  'path',
  'browser',
  'app',
  'nobody',
]
const NOTHINGS: readonly Nothing[] = [
  'automatic-off',
  'emergency',
  'in-other-hands',
  'too-mild',
  'may-pass',
  'symptom',
  'too-many',
  'rate-limited',
  'no-option',
  'budget-spent',
  'forbidden',
  'cleared',
]
const options = STRATEGIES.map(({ id, assumed }) =>
  assumedOption(id, assumed, id === 'wait' ? null : 'no-relay'),
)

const decisions: readonly Decision[] = [
  ...NOTHINGS.map((nothing) => ({ nothing })),
  ...STRATEGIES.map(({ id }) => ({ strategy: id, to: 'west', reasoning: fixedReasoning(id, options, []) })),
]

describe('an explanation', () => {
  it('P44 is complete for every kind, culprit and decision, and leaves no name open', () => {
    for (const kind of REPAIRED_KINDS)
      for (const culprit of CULPRITS)
        for (const decision of decisions) {
          const incident = anIncident({ kind, culprit })
          const explained = explainIncident(incident, decision, { options, who: 'Bob' })
          const { key, problem, summary, cause, why, userAction, severity, evidence } = explained
          for (const text of [key, problem, summary, cause, why, userAction]) {
            expect(text, explained.key).not.toBe('')
            expect(text, explained.key).not.toMatch(/[{}]|undefined|null/)
          }
          expect(cause).toContain(problem)
          expect(severity).toBe('high')
          expect(evidence).toEqual(['nothing decoded'])
          expect(explained.options).toHaveLength(options.length)
        }
  })

  it('has a sentence of its own for every kind, culprit, strategy and reason', () => {
    const keys = [
      ...REPAIRED_KINDS.map((kind) => `incident.${kind}`),
      ...CULPRITS.map((culprit) => `culprit.${culprit}`),
      ...STRATEGIES.map(({ id }) => `strategy.${id}`),
      ...NOTHINGS.flatMap((nothing) => [`nothing.${nothing}`, `because.${nothing}`]),
    ]
    for (const key of keys) expect(RECOVERY_TEXTS, key).toHaveProperty([key])
  })

  it('P44 says no sentence twice: what is done, why, and what a person should do are different things', () => {
    for (const kind of REPAIRED_KINDS)
      for (const decision of decisions) {
        const explained = explainIncident(anIncident({ kind }), decision, { options, who: 'Bob' })
        const { key, problem, summary, why, userAction } = explained
        for (const [one, other] of [
          [summary, why],
          [summary, problem],
          [why, problem],
          [why, userAction],
        ] as const)
          expect(other.includes(one) || one.includes(other), `${key}: ${one} / ${other}`).toBe(false)
      }
    const texts = Object.values(RECOVERY_TEXTS).filter(
      (text) => text !== RECOVERY_TEXTS['strategy.resync-full'],
    )
    expect(new Set(texts).size).toBe(texts.length)
  })

  it('says it in the words of the app, with its names put in', () => {
    const texts = {
      'strategy.key-frame': 'Frisches Bild von {who} über {provider}.',
      'evidence.nothing-decoded': 'nichts',
    }
    const decision = { strategy: 'key-frame', to: null, reasoning: 'so' }
    const explained = explainIncident(anIncident(), decision, { options, who: 'Bob', texts })
    expect(explained.summary).toBe('Frisches Bild von Bob über east.')
    expect(explained.evidence).toEqual(['nichts'])
  })

  it('tells a person what to do where only a person can', () => {
    const decision = { strategy: 'ask-user', to: null, reasoning: 'so' }
    const of = (facts: object) =>
      explainIncident(anIncident(facts), decision, { options, who: 'you' }).userAction
    expect(of({ kind: 'device-failure', culprit: 'my-device' })).toBe(RECOVERY_TEXTS['action.device'])
    expect(of({ kind: 'device-failure', culprit: 'browser' })).toBe(RECOVERY_TEXTS['action.browser'])
    expect(of({ kind: 'auth-failure', culprit: 'app' })).toBe(RECOVERY_TEXTS['action.token'])
  })

  it('gives the numbers of what is tried by fixed priority, and what failed before', () => {
    expect(fixedReasoning('reconnect', options, ['ice-restart'])).toBe(
      'After a new path, a new connection is next in the usual order: expected to succeed in 60 % after 1.2 s.',
    )
  })
})
