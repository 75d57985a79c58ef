/**
 * Where the worker comes from. The script-tag build puts `script-tag/worker-file.ts` in this file's place: there
 * the one script is the worker as well.
 */

/**
 * Starts the app's file, or the one beside this module in the one spelling that bundlers understand. Throws where
 * it may not.
 */
export function workerFromFile(workerUrl?: string): Worker {
  return workerUrl === undefined
    ? new Worker(new URL('./health-worker.js', import.meta.url), { type: 'module' })
    : new Worker(workerUrl, { type: 'module' })
}

/** The worker as one classic script for a blob, loaded when it is asked for; '' when running from source. */
export async function workerText(): Promise<string> {
  const { workerSource } = await import('./worker-source.js')
  return workerSource
}
