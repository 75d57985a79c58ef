/** In place of dialling ahead: calls of this file connect once their document is open, some 50 ms later. */
export const dialFirstChoice = (): null => null
