import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Auth } from '../../../src/document/admission.js'
import type { DocumentOptions, SharedDocument } from '../../../src/document/index.js'
import { openDocument } from '../../../src/document/open-document.js'
import type { HoldfastError } from '../../../src/errors.js'
import { type ManualClock, manualClock } from './manual-clock.js'
import { makeRecord, makeRegister } from './registers.js'
import { authOf, claimsFor, tokenOf, verifyToken } from './tokens.js'
import { wire } from './wire.js'

let link = wire()
let clock: ManualClock = manualClock()
let opened: SharedDocument[] = []
let errors: HoldfastError[] = []

afterEach(async () => {
  const closing = Promise.all(opened.map((one) => one.close()))
  clock.advance(1000)
  await closing
  link = wire()
  clock = manualClock()
  opened = []
  errors = []
})

/** A page of its own. */
async function open(participant: string, more: Partial<DocumentOptions> = {}): Promise<SharedDocument> {
  const options = { room: 'room', participant, signaling: [], links: [link], clock, ...more }
  const document = await openDocument(options, new Map())
  document.on('rejected', (error) => errors.push(error))
  opened.push(document)
  return document
}

const registerOf = (document: SharedDocument, participant: string, seq = 1) =>
  makeRegister({ voter: document.voter, participant, seq, head: makeRecord(document.voter) })
const codes = () => errors.map(({ code }) => code)
const seen = (document: SharedDocument) =>
  [...document.registers().values()].map((one) => one.participant).sort()
const present = (document: SharedDocument) =>
  [...document.presence().values()].map((one) => one.participant).sort()
const until = (check: () => void) => vi.waitFor(check, { interval: 2 })
const entries = () => [...link.pages].map(({ doc }) => doc.getMap<unknown>('registers'))

describe('admission', () => {
  it('counts registers and presence of those who show a token, whichever comes first', async () => {
    const ann = await open('ann', { auth: authOf() })
    await ann.publish(registerOf(ann, 'ann'))
    const ben = await open('ben', { auth: authOf() })
    await ben.publish(registerOf(ben, 'ben'))
    for (const page of [ann, ben]) await until(() => expect(seen(page)).toEqual(['ann', 'ben']))
    expect(present(ann)).toEqual(['ben'])
    expect(errors).toEqual([])
  })

  it('lets nobody without a token count, not with a register, a wish or a heartbeat, and says so once', async () => {
    const ann = await open('ann', { auth: authOf() })
    const stranger = await open('eve')
    await stranger.publish({ ...registerOf(stranger, 'eve'), want: { provider: 'west', n: 1 } })
    stranger.beat()
    await until(() => expect(entries()[0]?.has(stranger.voter)).toBe(true))
    for (let second = 0; second < 10; second += 1) {
      clock.advance(1000)
      expect([seen(ann), present(ann)]).toEqual([[], []])
    }
    expect(codes().filter((code) => code === 'admission-missing')).toHaveLength(1)
  })

  it.each([
    ['admission-forged', authOf({}, 'bad')],
    ['admission-wrong-room', authOf({ room: 'other' })],
    ['admission-wrong-participant', authOf({ sub: 'ben' })],
    ['admission-wrong-key', authOf({ cnf: { jkt: 'A'.repeat(43) } })],
    ['admission-expired', authOf({ exp: -61 })],
    ['admission-unavailable', { token: () => Promise.reject(new Error('offline')), verify: verifyToken }],
    ['admission-forged', { token: () => 'no token', verify: verifyToken }],
  ] as const)('P40 rejects the join with %s, and without any of the token', async (code, auth) => {
    let shown = ''
    const spied: Auth = { ...auth, token: async (request) => (shown = await auth.token(request)) }
    const error: HoldfastError = await open('ann', { auth: spied }).then(
      () => expect.unreachable(),
      (reason) => reason,
    )
    expect(error.code).toBe(code)
    const told = JSON.stringify([error, error.message, error.details, String(error.cause), error.stack])
    for (const part of shown.split('.').filter((one) => one.length > 4)) expect(told).not.toContain(part)
  })

  it.each([
    ['admission-forged', {}, 'bad'],
    ['admission-wrong-room', { room: 'other' }, undefined],
    ['admission-wrong-participant', { sub: 'ben' }, undefined],
    ['admission-wrong-key', { cnf: { jkt: 'A'.repeat(43) } }, undefined],
    ['admission-expired', { exp: -61 }, undefined],
  ] as const)(
    'refuses with %s whoever joins all the same with a changed program',
    async (code, change, signature) => {
      const ann = await open('ann', { auth: authOf() })
      // Its own check lets everything pass; what it shows is wrong.
      let thumbprint = ''
      const lenient: Auth = {
        token(request) {
          thumbprint = request.thumbprint
          return tokenOf(claimsFor(request, change), signature)
        },
        verify: () => claimsFor({ room: 'room', participant: 'eve', thumbprint }),
      }
      const eve = await open('eve', { auth: lenient })
      await eve.publish(registerOf(eve, 'eve'))
      await until(() => {
        expect(seen(ann)).toEqual([])
        expect(codes()).toContain(code)
      })
      expect([seen(ann), present(ann)]).toEqual([[], []])
      expect(JSON.stringify(errors.map((error) => [error, error.message, error.stack]))).not.toContain('eyJ')
    },
  )

  it('P40 the role in a token is known to everybody and cannot be had without one', async () => {
    const ann = await open('ann', { auth: authOf({ role: 'administrator', team: 7 }) })
    const ben = await open('ben', { auth: authOf() })
    const roleOf = (page: SharedDocument, voter: string) => page.admissions().get(voter)?.role
    await until(() => expect(roleOf(ben, ann.voter)).toBe('administrator'))
    await until(() => expect(roleOf(ann, ben.voter)).toBeNull())
    expect(roleOf(ann, ann.voter)).toBe('administrator')
    expect(ben.admissions().get(ann.voter)?.claims).toMatchObject({ sub: 'ann', team: 7 })
  })

  it('asks for a token for the fresh key before a hop needs it, and counts the fresh voter at once', async () => {
    const asked = vi.fn(authOf().token)
    const ann = await open('ann', { auth: { ...authOf(), token: asked } })
    const ben = await open('ben', { auth: authOf() })
    await until(() => expect(asked).toHaveBeenCalledTimes(2))
    await ann.publish(registerOf(ann, 'ann'))
    await until(() => expect(seen(ben)).toEqual(['ann']))
    const before = ann.voter
    await ann.hop()
    await ann.publish(registerOf(ann, 'ann'))
    await until(() => expect(ben.registers().has(ann.voter)).toBe(true))
    await until(() => expect(asked).toHaveBeenCalledTimes(3))
    expect(new Set(asked.mock.calls.map(([request]) => request.thumbprint)).size).toBe(3)
    expect(entries().some((map) => map.has(`@${before}`))).toBe(false)
    expect([...ben.presence().keys()]).toEqual([ann.voter])
  })

  it('hops without a token when the app’s server is away, and is admitted when it is back', async () => {
    let isAway = false
    const token: Auth['token'] = (request) => {
      if (isAway) throw new Error('offline')
      return tokenOf(claimsFor(request))
    }
    const ann = await open('ann', { auth: { token, verify: verifyToken } })
    const ben = await open('ben', { auth: authOf() })
    isAway = true
    await ann.hop()
    await ann.hop()
    await ann.publish(registerOf(ann, 'ann'))
    expect(ben.registers().has(ann.voter)).toBe(false)
    isAway = false
    await until(() => {
      clock.advance(500)
      expect(ben.registers().has(ann.voter)).toBe(true)
    })
  })

  it('renews a token before it runs out; who does not renew counts no more a minute after the end', async () => {
    const token: Auth['token'] = (request) => tokenOf(claimsFor(request, { exp: clock.wallNow() / 1000 + 300 }))
    const ann = await open('ann', { auth: { token, verify: verifyToken } })
    const late = await open('late', { auth: authOf({ exp: 300 }) })
    const ben = await open('ben', { auth: authOf() })
    for (const [page, id] of [
      [ann, 'ann'],
      [late, 'late'],
    ] as const)
      await page.publish(registerOf(page, id))
    await until(() => expect(seen(ben)).toEqual(['ann', 'late']))
    for (let second = 0; second < 400; second += 1) {
      clock.advance(1000)
      ann.beat()
      late.beat()
      if (second % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => expect(seen(ben)).toEqual(['ann']))
    expect(present(ben)).toEqual(['ann'])
  })

  it('keeps whom it has admitted when somebody deletes or overwrites the token, which its owner shows again', async () => {
    const ann = await open('ann', { auth: authOf() })
    const ben = await open('ben', { auth: authOf() })
    await ann.publish(registerOf(ann, 'ann'))
    await until(() => expect(seen(ben)).toEqual(['ann']))
    const [map] = entries()
    const shown = map?.get(`@${ann.voter}`)
    for (const attack of [() => map?.delete(`@${ann.voter}`), () => map?.set(`@${ann.voter}`, '1.garbage')]) {
      attack()
      await new Promise((resolve) => setImmediate(resolve))
      expect([seen(ben), present(ben)]).toEqual([['ann'], ['ann']])
      clock.advance(500)
      expect(map?.get(`@${ann.voter}`)).toBe(shown)
    }
  })

  it('checks a token again when its keys could not be had', async () => {
    let isAway = true
    const auth: Auth = { ...authOf(), verify: (token) => verifyToken(isAway ? tokenOf({}, 'offline') : token) }
    const ann = await open('ann', { auth: authOf() })
    await ann.publish(registerOf(ann, 'ann'))
    isAway = false
    const ben = await open('ben', { auth })
    isAway = true
    const cleo = await open('cleo', { auth: authOf() })
    await cleo.publish(registerOf(cleo, 'cleo'))
    await new Promise((resolve) => setImmediate(resolve))
    isAway = false
    await until(() => {
      clock.advance(1000)
      expect(seen(ben)).toEqual(['ann', 'cleo'])
    })
  })

  it('does not share a room of the page between those who demand tokens and those who do not', async () => {
    const scope = new Map()
    const shared = { room: 'room', signaling: [], clock }
    opened.push(await openDocument({ ...shared, participant: 'ann', auth: authOf() }, scope))
    await expect(openDocument({ ...shared, participant: 'ben' }, scope)).rejects.toMatchObject({
      code: 'invalid-options',
    })
  })
})
