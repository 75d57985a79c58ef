import { describe, expect, it } from 'vitest'
import { applyUpdate } from 'yjs'
import type { DocumentOptions, LinkFactory, SharedDocument } from '../../../src/document/index.js'
import { openDocument, type RoomScope } from '../../../src/document/open-document.js'
import { isHoldfastError } from '../../../src/errors.js'
import { makeRecord, makeRegister } from './registers.js'

type LinkedDoc = Parameters<LinkFactory>[0]['doc']

/** Joins the documents of several scopes as a perfect network would. */
function wire(): LinkFactory {
  const docs = new Set<LinkedDoc>()
  return ({ doc }) => {
    const forward = (update: Uint8Array): void => {
      for (const other of docs) if (other !== doc) applyUpdate(other, update)
    }
    docs.add(doc)
    doc.on('update', forward)
    return {
      snapshot: () => ({ kind: 'wire', state: 'connected', peers: [], paths: [] }),
      close: () => docs.delete(doc),
    }
  }
}

const open = (participant: string, scope: RoomScope, more: Partial<DocumentOptions> = {}) =>
  openDocument({ room: 'room', participant, signaling: [], ...more }, scope)

const registerOf = (document: SharedDocument, seq: number) =>
  makeRegister({ voter: document.voter, seq, head: makeRecord(document.voter) })

const until = async (document: SharedDocument, isDone: () => boolean): Promise<void> => {
  while (!isDone())
    await new Promise<void>((resolve) => {
      const undo = document.on('registers', () => {
        undo()
        resolve()
      })
    })
}

describe('openDocument', () => {
  it('carries signed registers between two pages over a link of the app', async () => {
    const link = wire()
    const ann = await open('ann', new Map(), { links: [link] })
    const ben = await open('ben', new Map(), { links: [link] })
    await ann.publish(registerOf(ann, 1))
    await until(ben, () => ben.registers().has(ann.voter))
    expect(ben.registers().get(ann.voter)).toEqual(registerOf(ann, 1))
    expect(ben.links.map((one) => one.kind)).toEqual(['wire'])
    await Promise.all([ann.close(), ben.close()])
  })

  it('shows participants of one page to each other, each with its own voter, and keeps the room until the last left', async () => {
    const scope: RoomScope = new Map()
    const [ann, ben] = await Promise.all([open('ann', scope, { name: 'Ann' }), open('ben', scope)])
    expect(ann.voter).not.toBe(ben.voter)
    expect([...ben.presence().values()]).toMatchObject([{ participant: 'ann', name: 'Ann', hasLeft: false }])
    ann.announce({ muted: ['camera'] })
    expect(ben.presence().get(ann.voter)?.muted).toEqual(['camera'])
    await ann.close()
    expect(ben.presence().get(ann.voter)?.hasLeft).toBe(true)
    await ben.publish(registerOf(ben, 1))
    expect(ben.registers().has(ben.voter)).toBe(true)
    await ben.close()
    expect(scope.size).toBe(0)
  })

  it('hops to a fresh voter and keeps the register of the old one readable', async () => {
    const scope: RoomScope = new Map()
    const ann = await open('ann', scope)
    const before = ann.voter
    await ann.publish(registerOf(ann, 1))
    expect(await ann.hop()).toBe(ann.voter)
    expect(ann.voter).not.toBe(before)
    await ann.publish(registerOf(ann, 1))
    expect([...ann.registers().keys()].sort()).toEqual([before, ann.voter].sort())
    await ann.close()
  })

  it('publishes in order, and refuses a repeated seq with other content and a foreign voter', async () => {
    const ann = await open('ann', new Map())
    await Promise.all([1, 2, 3].map((seq) => ann.publish(registerOf(ann, seq))))
    expect(ann.registers().get(ann.voter)?.seq).toBe(3)
    const repeated = ann.publish({ ...registerOf(ann, 3), promised: 1 })
    await expect(repeated).rejects.toMatchObject({ code: 'register-invalid' })
    await expect(ann.publish(makeRegister({ seq: 9 }))).rejects.toMatchObject({ code: 'register-invalid' })
    await ann.close()
  })

  it('closes once, and then rejects with `closed` and stays silent', async () => {
    const ann = await open('ann', new Map())
    expect(ann.close()).toBe(ann.close())
    await ann.close()
    await expect(ann.publish(registerOf(ann, 1))).rejects.toMatchObject({ code: 'closed' })
    ann.beat()
    ann.announce({ muted: [] })
    ann.farewell()
    expect(ann.isSyncing).toBe(false)
    expect(ann.links).toEqual([])
  })

  it.each([
    ['room', { room: '' }],
    ['participant', { participant: 'x'.repeat(129) }],
    ['signaling', { signaling: ['http://example.test'] }],
  ])('names the field of an invalid option: %s', async (field, change) => {
    const error = await openDocument({ room: 'r', participant: 'p', signaling: [], ...change }).catch(
      (reason: unknown) => reason,
    )
    expect(isHoldfastError(error, 'invalid-options')).toBe(true)
    expect((error as { details: { field: string } }).details.field).toBe(field)
  })

  it('refuses a second participant of a page with another password', async () => {
    const scope: RoomScope = new Map()
    const ann = await open('ann', scope)
    await expect(open('ben', scope, { password: 'secret' })).rejects.toMatchObject({ code: 'invalid-options' })
    await ann.close()
    expect(scope.size).toBe(0)
  })
})
