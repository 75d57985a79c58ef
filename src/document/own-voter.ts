/**
 * The voter behind one seat of this page: its key, its entry in the document and its admission. At a hop all
 * three are replaced together; over a refresh they may be kept (kept-seat.ts). Where tokens are demanded the next key and its token are got beforehand, so that
 * a call that breaks apart does not have to wait for the app's server.
 */
import type { VoterId } from '../consensus/record.js'
import type { Register } from '../consensus/register.js'
import type { Auth, OwnAdmission } from './admission.js'
import { createIdentity, type OwnIdentity } from './identity.js'
import type { KeptSeat, SeatKeeper } from './kept-seat.js'
import type { OwnRegister } from './own-register.js'
import type { PageRoom } from './page-room.js'

/** The voter of one seat. */
export interface OwnVoter {
  readonly voter: VoterId
  /** What this voter had written before the page was refreshed; null for a new one. */
  readonly kept: Register | null
  publish(register: Register): Promise<void>
  /** Rule 9: gives the voter up and is a fresh one from then on. */
  hop(): Promise<VoterId>
  /** Leaves the voter to the page that follows and writes nothing more; false when it cannot be left. */
  leaveTo(session: string): boolean
  /** The page lives on after all: takes the voter back, if no other page has it now. */
  takeBack(): Promise<void>
  /** Stops; the entries stay for those who still need them. */
  release(): void
}

/** Whose voter it is. */
export interface OwnVoterOptions {
  readonly room: PageRoom
  readonly participant: string
  readonly token: Auth['token'] | null
  /** Null where no seat is kept. */
  readonly keeper: SeatKeeper | null
  /** What the page before has left. */
  readonly kept: KeptSeat | null
}

interface Holding {
  readonly identity: OwnIdentity
  readonly admission: OwnAdmission | null
}

/**
 * Takes over the voter of the page before, or a fresh one, and gets it admitted.
 *
 * @throws HoldfastError `admission-*` when the app's token is refused or cannot be had.
 */
export async function openOwnVoter(options: OwnVoterOptions, first: OwnIdentity): Promise<OwnVoter> {
  const { room, keeper, kept } = options
  let held = hold(options, first, false)
  let own: OwnRegister = room.store.own(first, kept?.register)
  let spare: Promise<Holding> | null = null
  let isReleased = false
  const mint = async (isSpare: boolean): Promise<Holding> => hold(options, await createIdentity(), isSpare)
  const settle = (): void => {
    if (isReleased) return
    if (options.token !== null) spare = mint(true)
    void keeper?.arm(held.identity.pair)
  }
  try {
    await held.admission?.ready
    // Shown again under the same seq: those who forgot it in the meantime need it.
    if (kept !== null) {
      own.unseal()
      await own.publish(kept.register)
    }
  } catch (error) {
    own.release()
    held.admission?.close()
    keeper?.close()
    throw error
  }
  settle()
  return {
    get voter() {
      return held.identity.voter
    },
    kept: kept?.register ?? null,
    publish: (register) => own.publish(register),
    async hop() {
      const next = await (spare ?? mint(false))
      spare = null
      own.abandon()
      held.admission?.abandon()
      next.admission?.show()
      held = next
      own = room.store.own(next.identity)
      settle()
      return next.identity.voter
    },
    leaveTo(session) {
      const register = own.seal()
      const { pair } = held.identity
      const isLeft = register !== null && !register.left && keeper?.keep({ pair, register, session }) === true
      if (isLeft) own.part()
      else own.unseal()
      return isLeft
    },
    async takeBack() {
      const found = await keeper?.take()
      if (found?.register.voter === held.identity.voter) own.unseal()
    },
    release() {
      isReleased = true
      own.release()
      held.admission?.close()
      keeper?.close()
      void spare?.then(({ admission }) => admission?.close())
    },
  }
}

function hold({ room, participant, token }: OwnVoterOptions, identity: OwnIdentity, isSpare: boolean): Holding {
  const { voter, publicKey } = identity
  const request = token === null ? null : { participant, voter, publicKey, token, isSpare }
  return { identity, admission: request === null ? null : (room.gate?.admit(request) ?? null) }
}
