/**
 * The thread of `npm run explore` (scripts/explore.mjs): searches one model after the other, as it is told.
 */
import { parentPort } from 'node:worker_threads'
import { replay } from '../scenarios/script.js'
import { newTurnPlayer } from '../scenarios/turn-player.js'
import { explore } from './explorer.js'
import { FULL_MODELS } from './explorer-models.js'
import { PRODUCTION } from './explorer-production.js'
import { storyOf } from './explorer-story.js'

const MS_PER_SECOND = 1000

parentPort?.on('message', async (name: string) => {
  const model = FULL_MODELS.find((one) => one.name === name)
  if (model === undefined) throw new Error(`no model ${name}`)
  const startedMs = performance.now()
  const { book, violation, ...found } = explore(PRODUCTION, model)
  const story = violation && (await replay(storyOf(model, book, violation.moves), () => newTurnPlayer()))
  const seconds = Math.round((performance.now() - startedMs) / (MS_PER_SECOND / 10)) / 10
  const { maxDepth = null, maxRound } = model
  const violations = violation ? 1 : 0
  parentPort?.postMessage({
    ...found,
    maxRound,
    maxDepth,
    violations,
    message: violation?.message,
    story,
    seconds,
  })
})
