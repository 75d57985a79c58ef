/**
 * The token of one own voter: got from the app, checked here as the others will check it, shown in the shared
 * map, renewed before it runs out, and shown again when somebody removes it.
 */
import type * as Y from 'yjs'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Admission, OwnAdmission, OwnAdmissionRequest } from './admission.js'
import { type AdmissionProblem, admissionError, thumbprintOf, writeAdmission } from './admission-token.js'
import type { Reject } from './rejections.js'

/** An {@link OwnAdmission} with what its gate needs. */
export interface ShownAdmission extends OwnAdmission {
  /** Somebody changed the entry. */
  defend(): void
}

/** What {@link createOwnAdmission} needs. */
export interface OwnAdmissionOptions extends OwnAdmissionRequest {
  readonly map: Y.Map<unknown>
  readonly key: string
  readonly room: string
  readonly clock: Clock
  readonly judge: (voter: VoterId, value: unknown) => Promise<Admission | AdmissionProblem>
  readonly reject: Reject
  readonly onAdmitted: (admission: Admission) => void
}

/** Begins to get the token. */
export function createOwnAdmission(options: OwnAdmissionOptions): ShownAdmission {
  const { map, key, voter, clock, reject } = options
  let entry: string | null = null
  let isShown = options.isSpare !== true
  let isClosed = false
  let isDefending = false
  let cancel = (): void => undefined

  const show = (): void => {
    isShown = true
    if (entry !== null && !isClosed && map.get(key) !== entry) map.set(key, entry)
  }
  const later = (delayMs: number, failures: number): void => {
    if (!isClosed) cancel = clock.after(Math.min(delayMs, TIMER_MAX_MS), () => void renew(failures))
  }
  const renew = async (failures: number): Promise<AdmissionProblem | null> => {
    const result = await obtain(options)
    if (isClosed) return null
    if (typeof result === 'string') {
      reject(result, voter)
      later(RETRY_FIRST_MS * 2 ** Math.min(failures, RETRY_DOUBLINGS), failures + 1)
      return result
    }
    entry = result.entry
    options.onAdmitted(result.admission)
    if (isShown) show()
    const leftMs = result.admission.expiresAtMs - clock.wallNow()
    later(Math.max(RENEW_MIN_MS, leftMs * RENEW_AT_RATIO), 0)
    return null
  }
  const close = (): void => {
    isClosed = true
    cancel()
  }
  const first = renew(0)
  const ready = first.then((problem) => {
    if (problem !== null) throw admissionError(problem, voter)
  })
  ready.catch(() => {
    // Who does not wait for it has been told by `reject`.
  })
  return {
    ready,
    show,
    defend() {
      if (isDefending || !isShown || entry === null || map.get(key) === entry) return
      isDefending = true
      clock.after(DEFEND_EVERY_MS, () => {
        isDefending = false
        show()
      })
    },
    abandon() {
      close()
      if (map.get(key) === entry) map.delete(key)
    },
    close,
  }
}

async function obtain(
  options: OwnAdmissionOptions,
): Promise<{ readonly entry: string; readonly admission: Admission } | AdmissionProblem> {
  const { room, participant, voter, publicKey } = options
  const thumbprint = await thumbprintOf(publicKey)
  let token: unknown
  try {
    token = await options.token({ room, participant, thumbprint })
  } catch {
    // The app's own failure; its text may hold the token, so only the code goes on.
    return 'admission-unavailable'
  }
  const entry = writeAdmission(publicKey, token)
  if (entry === null) return 'admission-forged'
  const admission = await options.judge(voter, entry)
  if (typeof admission === 'string') return admission
  return admission.participant === participant ? { entry, admission } : 'admission-wrong-participant'
}

/** Two writers fighting over one entry settle at four writes a second. */
const DEFEND_EVERY_MS = 250
/** Early enough for an app server that is away for a while. */
const RENEW_AT_RATIO = 0.7
/** A token that has almost run out when it comes must not be asked for without pause. */
const RENEW_MIN_MS = 5000
/** The app's server may have hiccuped. */
const RETRY_FIRST_MS = 1000
/** Up to once in 32 s. */
const RETRY_DOUBLINGS = 5
/** Browsers' timers overflow at 24.8 days; a token that lasts longer is renewed all the same. */
const TIMER_MAX_MS = 86_400_000
