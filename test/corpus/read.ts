/** Reads the committed recordings of the fault corpus. */
import { readdirSync, readFileSync } from 'node:fs'
import { decodeRecording } from './codec.js'
import type { Recording, RecordingHead } from './recording.js'

/** From the root of the project, where tests and benches run. */
export const CORPUS_FOLDER = 'test/fixtures/corpus'
/** Ending of the files. */
export const CORPUS_ENDING = '.corpus'

/** Names of all recordings, sorted. */
export function recordingNames(folder = CORPUS_FOLDER): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(CORPUS_ENDING))
    .map((file) => file.slice(0, -CORPUS_ENDING.length))
    .sort()
}

/** One recording, unpacked. */
export function readRecording(name: string, folder = CORPUS_FOLDER): Recording {
  return decodeRecording(readFileSync(`${folder}/${name}${CORPUS_ENDING}`))
}

/** What is in the corpus. */
export function listRecordings(folder = CORPUS_FOLDER): readonly RecordingHead[] {
  return recordingNames(folder).map((name) => {
    const { pages: _, ...head } = readRecording(name, folder)
    return head
  })
}
