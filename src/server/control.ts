/**
 * The endpoint behind the demo's buttons and the tests: kills, hangs, resumes and restarts one SFU. It only
 * ever listens on loopback, and a page from elsewhere cannot reach it (see loopback.ts).
 */
import { isHoldfastError } from '../errors.js'
import { type Listening, listen, Refusal, replyJson } from './http.js'
import { isFromLoopback, LOOPBACK_HOST } from './loopback.js'
import type { SfuProcess } from './sfu-process.js'

/** Answer of `GET /status`, and of each action. */
export interface ControlStatus {
  readonly signalingUrl: string
  readonly sfus: readonly {
    readonly name: string
    readonly url: string
    readonly pid: number | null
    readonly state: SfuProcess['state']
  }[]
}

/** Options of {@link startControl}. */
export interface ControlOptions {
  /** 0 takes a free port. */
  readonly port: number
  readonly signalingUrl: string
  readonly sfus: readonly SfuProcess[]
  readonly allowOrigins: readonly string[]
}

/** What can be done to an SFU: `POST /sfu/{name}/{action}`. */
const SFU_ACTIONS = ['kill', 'hang', 'resume', 'restart'] as const

/** Starts the endpoint; rejects with the listen error. */
export function startControl(options: ControlOptions): Promise<Listening> {
  const policy = { host: LOOPBACK_HOST, allowOrigins: options.allowOrigins }
  return listen(options.port, policy, async (request, response, url) => {
    if (!isFromLoopback(request)) throw new Refusal(403, 'Only this machine may control the servers.')
    const [place, name, action, ...more] = url.pathname.split('/').slice(1)
    if (place === 'sfu' && name !== undefined && action !== undefined && more.length === 0) {
      if (request.method !== 'POST') throw new Refusal(405, 'Only POST is possible here.', { allow: 'POST' })
      await act(options.sfus, name, action)
    } else if (place !== 'status' || name !== undefined)
      throw new Refusal(404, 'There is GET /status and POST /sfu/{name}/{action}.')
    replyJson(response, statusOf(options))
  })
}

function statusOf(options: Pick<ControlOptions, 'signalingUrl' | 'sfus'>): ControlStatus {
  return {
    signalingUrl: options.signalingUrl,
    sfus: options.sfus.map(({ name, url, pid, state }) => ({ name, url, pid: pid ?? null, state })),
  }
}

async function act(sfus: readonly SfuProcess[], name: string, action: string): Promise<void> {
  const sfu = sfus.find((candidate) => candidate.name === name)
  if (!sfu) throw new Refusal(404, 'There is no SFU of this name.')
  const known = SFU_ACTIONS.find((candidate) => candidate === action)
  if (!known) throw new Refusal(404, `The actions are ${SFU_ACTIONS.join(', ')}.`)
  try {
    await sfu[known]()
  } catch (error) {
    if (isHoldfastError(error)) throw new Refusal(409, error.message)
    throw error
  }
}
