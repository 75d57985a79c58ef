/**
 * Text of the bundled worker for the blob fallback. Empty in source; the build puts the real text here, and
 * an empty text skips the blob step.
 */

/** The worker as one classic script, or '' when running from source. */
export const workerSource: string = ''
