/**
 * The script-tag build's place of `worker/worker-file.ts`: the one script is the worker as well, because
 * `worker/worker.ts` in it starts only inside a worker. So a page needs one file, and the bundle holds the
 * health code once. The build wraps everything in the function `holdfastScript` and gives `holdfastScriptUrl`.
 */

declare const holdfastScript: () => unknown
declare const holdfastScriptUrl: string

/**
 * Starts the script itself as a worker, whatever `workerUrl` says: the package's worker reads other samples than this
 * build takes. Throws where the script comes from another origin, or stands in the page.
 */
export function workerFromFile(_workerUrl?: string): Worker {
  if (holdfastScriptUrl === '') throw new Error('the script has no address')
  return new Worker(holdfastScriptUrl)
}

/** The script's own text: a function knows it even where the file may not be fetched again. */
export async function workerText(): Promise<string> {
  return `(${holdfastScript})()`
}
