/** In place of what loads the recovery desk: the repair loop and switching do without. */

/** Loads nothing. */
export const loadRecovery = () => async () => null
