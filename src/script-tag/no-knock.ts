/** In place of `document/server-knock.ts`: a server that has failed is dialled every two seconds, without asking first. */

/** Nobody is asked. */
export const answersKnock = async () => null
