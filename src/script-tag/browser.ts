/**
 * In place of `lib0/environment` in the script-tag build, which looks for settings in Node's arguments, the
 * page's address and its storage: this is a browser, and nothing is set.
 */
export const isBrowser = true
export const isNode = false
export const getVariable = (): null => null
