/**
 * Repairs of a whole connection: a new path for it, another connection beside it, over TURN alone, with a new token,
 * or everybody's move. A second connection takes over only when media arrives on it.
 */
import { DONE, type Hand, type HandContext, refuse } from './hand.js'

/** A new path for the same connection; works the first time or not at all. */
export const iceRestart: Hand = {
  async act({ live: { connection } }) {
    if (connection.restartIce === undefined) return refuse('no-ice-restart')
    await connection.restartIce()
    return DONE
  },
}

/** A second connection to the same provider takes the place of this one. */
export const reconnect: Hand = { act: (context) => replace(context, false) }

/** The same, over TURN alone: for paths that break wherever they are direct. */
export const relayOnly: Hand = {
  act: (context) => replace(context, true),
  async undo(context) {
    await replace(context, false)
  },
}

/** Asks the app for a token first: a second connection asks for it again and gets the new one. */
export const refreshToken: Hand = {
  async act(context) {
    const isNew = await context.world.renewToken(context.live.provider)
    return isNew ? replace(context, false) : refuse('no-token')
  },
}

/** Everybody moves; the agreement decides whether and whereto. */
export const switchProvider: Hand = {
  async act({ world, target }) {
    await world.switchProvider(target.incidentId)
    const [current] = world.connections()
    return current === undefined ? refuse('no-connection') : { connectionId: current.id }
  },
}

async function replace({ world, live, signal }: HandContext, isRelayOnly: boolean) {
  const connectionId = await world.replaceConnection(live.id, isRelayOnly, signal)
  return { connectionId }
}
