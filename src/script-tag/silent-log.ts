/**
 * In place of `lib0/logging` in the script-tag build. What yjs and y-webrtc print is meant for their own
 * authors, and the printing brings a schema library along; what an app should know reaches it as an event.
 */

const ignore = (): void => undefined

/** A logger that says nothing. */
export const createModuleLogger = () => ignore
export { ignore as print, ignore as warn }
export const BOLD = ''
export const UNBOLD = ''
export const GREY = ''
export const ORANGE = ''
export const RED = ''
export const UNCOLOR = ''
