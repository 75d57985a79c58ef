/**
 * Plays every `*.txt` of this folder and compares what is printed. `UPDATE=1 npx vitest run test/scenarios` records
 * anew; the difference is then read line by line against docs/protocol.md.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { newCallPlayer } from './call-player.js'
import { newDocumentPlayer } from './document-player.js'
import { type Player, replay, wordsOf } from './script.js'
import { newTurnPlayer } from './turn-player.js'

/** By the first command; whole calls otherwise. */
const PLAYERS: Readonly<Record<string, () => Player>> = { table: newTurnPlayer, documents: newDocumentPlayer }
const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))

test.each(files)('P02 %s', async (name) => {
  const path = `${FOLDER}${name}`
  const text = readFileSync(path, 'utf8')
  const played = await replay(text, (first) => PLAYERS[wordsOf(first)[0] ?? '']?.() ?? newCallPlayer())
  if (process.env.UPDATE) writeFileSync(path, played)
  else expect(played).toBe(text)
})

test('each scenario begins by saying what it shows', () => {
  for (const name of files) expect(readFileSync(`${FOLDER}${name}`, 'utf8'), name).toMatch(/^# \S.{20}/)
})
