/** In place of the check of option `recovery`: the script-tag file has nothing that would read it. */

/** Anything goes, and nothing comes of it. */
export const isRecovery = () => true

/** Never said. */
export const RECOVERY_RULE = ''
