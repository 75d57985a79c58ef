/**
 * The voter behind one seat of this page: its key, its entry in the document and its admission. At a hop all
 * three are replaced together; where tokens are demanded the next key and its token are got beforehand, so that
 * a call that breaks apart does not have to wait for the app's server.
 */
import type { VoterId } from '../consensus/record.js'
import type { Register } from '../consensus/register.js'
import type { Auth, OwnAdmission } from './admission.js'
import { createIdentity, type OwnIdentity } from './identity.js'
import type { OwnRegister } from './own-register.js'
import type { PageRoom } from './page-room.js'

/** The voter of one seat. */
export interface OwnVoter {
  readonly voter: VoterId
  publish(register: Register): Promise<void>
  /** Rule 9: gives the voter up and is a fresh one from then on. */
  hop(): Promise<VoterId>
  /** Stops; the entries stay for those who still need them. */
  release(): void
}

/** Whose voter it is. */
export interface OwnVoterOptions {
  readonly room: PageRoom
  readonly participant: string
  readonly token: Auth['token'] | null
}

interface Holding {
  readonly identity: OwnIdentity
  readonly admission: OwnAdmission | null
}

/**
 * Mints a voter and gets it admitted.
 *
 * @throws HoldfastError `admission-*` when the app's token is refused or cannot be had.
 */
export async function openOwnVoter(options: OwnVoterOptions, first: OwnIdentity): Promise<OwnVoter> {
  const { room } = options
  let held = hold(options, first, false)
  let own: OwnRegister = room.store.own(first)
  let spare: Promise<Holding> | null = null
  let isReleased = false
  const mint = async (isSpare: boolean): Promise<Holding> => hold(options, await createIdentity(), isSpare)
  const prepareSpare = (): void => {
    if (options.token !== null && !isReleased) spare = mint(true)
  }
  try {
    await held.admission?.ready
  } catch (error) {
    own.release()
    held.admission?.close()
    throw error
  }
  prepareSpare()
  return {
    get voter() {
      return held.identity.voter
    },
    publish: (register) => own.publish(register),
    async hop() {
      const next = await (spare ?? mint(false))
      spare = null
      own.abandon()
      held.admission?.abandon()
      next.admission?.show()
      held = next
      own = room.store.own(next.identity)
      prepareSpare()
      return next.identity.voter
    },
    release() {
      isReleased = true
      own.release()
      held.admission?.close()
      void spare?.then(({ admission }) => admission?.close())
    },
  }
}

function hold({ room, participant, token }: OwnVoterOptions, identity: OwnIdentity, isSpare: boolean): Holding {
  const { voter, publicKey } = identity
  const request = token === null ? null : { participant, voter, publicKey, token, isSpare }
  return { identity, admission: request === null ? null : (room.gate?.admit(request) ?? null) }
}
