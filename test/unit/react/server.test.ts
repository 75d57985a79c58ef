import { readFileSync } from 'node:fs'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import {
  CallProvider,
  useCall,
  useCallSelector,
  useCallState,
  useHealth,
  useMe,
  usePeer,
  usePeers,
  useProvider,
  useRecovery,
  useVideo,
} from '../../../src/react/index.js'
import { createFakeCall, peerOf } from '../../support/fake-call.js'

const stream = {} as MediaStream

/** Uses every hook once. */
function Everything() {
  useCall()
  const { state, statusText } = useCallState()
  const { provider, epoch, status } = useProvider()
  const { state: recovery, attempts, timeline } = useRecovery()
  const video = useVideo(usePeer('ada')?.stream ?? null)
  const count = useCallSelector((snapshot) => snapshot.peers.length)
  const { isReduced, alerts, severity, health } = useHealth()
  const parts = [state, statusText, provider, epoch, status, recovery, attempts.length, timeline.length]
  parts.push(String(isReduced), alerts.length, String(severity), String(health.overview()))
  parts.push(usePeers().length, String(usePeer('nobody')), useMe().name, count, typeof video)
  return createElement('p', null, parts.map(String).join(' '))
}

function Lost() {
  return createElement('p', null, useCallState().state)
}

describe('on a server', () => {
  it('every hook renders what the call shows, and nothing is joined, left or subscribed', () => {
    const call = createFakeCall({ peers: [peerOf('ada', stream)], provider: 'east' })
    const html = renderToString(createElement(CallProvider, { call }, createElement(Everything)))
    expect(html).toBe(
      '<p>idle Not joined. east null listening idle 0 0 true 0 null null 1 null Me 1 function</p>',
    )
    expect(call.asked).toEqual([])
    expect(call.listenerCount).toBe(0)
  })

  it('a hook outside of CallProvider says what is missing', () => {
    expect(() => renderToString(createElement(Lost))).toThrow(/<CallProvider call=\{call\}>/)
  })

  it("'use client' is the first statement of the entry and of no other file", () => {
    const read = (name: string) => readFileSync(new URL(`../../../src/react/${name}`, import.meta.url), 'utf8')
    expect(read('index.ts').startsWith("'use client'\n")).toBe(true)
    for (const name of ['call-context.ts', 'hooks.ts', 'selector.ts', 'video.ts'])
      expect(read(name)).not.toContain('use client')
  })
})
