/** Puts the history and its shared checks on `window` for history.spec.ts. */
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

const exposed = { openHistory, attemptOf, runCheck }
declare global {
  interface Window {
    historyPage: typeof exposed
  }
}
window.historyPage = exposed
