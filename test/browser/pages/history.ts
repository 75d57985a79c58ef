/** Puts the history and its shared checks on `window` for history.spec.ts. */
import { systemClock } from '../../../src/clock.js'
import { openArchive } from '../../../src/history/archive.js'
import type { Attempt } from '../../../src/history/attempt.js'
import { openHistory } from '../../../src/history/history.js'
import { attemptOf, historyChecks } from '../../support/history-checks.js'

async function runCheck(name: string, mode: 'indexeddb' | 'memory'): Promise<string[]> {
  const check = historyChecks.find((candidate) => candidate.name === name)
  if (!check) throw new Error(`no such check: ${name}`)
  const databaseName = `check-${crypto.randomUUID()}`
  const warnings: string[] = []
  await check.run({
    open: () => openHistory({ mode, databaseName, onWarning: (warning) => warnings.push(warning.code) }),
    isPersistent: mode === 'indexeddb',
  })
  return warnings
}

const openAll = () => {
  const history = openHistory({ mode: 'indexeddb', onWarning: () => undefined })
  return openArchive({ history, clock: systemClock() })
}

async function appendEvents(tab: number, count: number): Promise<void> {
  const { audit } = openAll()
  for (let number = 0; number < count; number += 1)
    await audit.append({ room: 'team', kind: 'written', participant: null, facts: { tab, number } })
}

const verify = () => openAll().audit.verify()

/** The database as the first version of the package made it. */
function makeVersionOne(attempt: Attempt): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('holdfast-history', 1)
    request.onerror = () => reject(request.error)
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore('attempts', { keyPath: 'id' })
      store.createIndex('by-started', 'startedAtMs')
      store.createIndex('by-room', ['room', 'startedAtMs'])
      store.put(attempt)
    }
    request.onsuccess = () => {
      request.result.close()
      resolve()
    }
  })
}

const exposed = { openHistory, attemptOf, runCheck, appendEvents, verify, makeVersionOne }
declare global {
  interface Window {
    historyPage: typeof exposed
  }
}
window.historyPage = exposed
