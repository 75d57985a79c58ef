/** A small app on a fake call, rendered under StrictMode, for react.spec.ts. */
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import type { PeerSnapshot } from '../../../src/index.js'
import {
  CallProvider,
  useCallSelector,
  useCallState,
  usePeers,
  useProvider,
  useRecovery,
  useVideo,
} from '../../../src/react/index.js'
import { createFakeCall, peerOf } from '../../support/fake-call.js'

const renders: Record<string, number> = {}
const count = (name: string): void => {
  renders[name] = (renders[name] ?? 0) + 1
}
let bindings = 0
const native = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject')
Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
  get() {
    return native?.get?.call(this)
  },
  set(value: MediaStream | null) {
    bindings += 1
    native?.set?.call(this, value)
  },
})

const stream = new MediaStream()
const call = createFakeCall({ peers: [peerOf('ada', stream)], provider: 'east' })

function Status() {
  count('status')
  return <p id="status">{useCallState().statusText}</p>
}
function Names() {
  count('names')
  // A fresh array at each selection: only its entries matter.
  const names = useCallSelector((snapshot) => snapshot.peers.map((peer) => peer.name))
  return <p id="names">{names.join(' ')}</p>
}
function Tile({ peer }: { readonly peer: PeerSnapshot }) {
  count('tile')
  // biome-ignore lint/a11y/useMediaCaption: there is nothing to hear in this test.
  return <video ref={useVideo(peer.stream)} />
}
function Tiles() {
  return usePeers().map((peer) => <Tile key={peer.id} peer={peer} />)
}
function Recovery() {
  const { attempts, state } = useRecovery()
  const { switchTo, provider } = useProvider()
  const [isShown, setIsShown] = useState(true)
  return (
    <>
      <p id="recovery">{`${state} ${attempts.length} ${provider}`}</p>
      <button type="button" onClick={() => void switchTo('west')}>
        switch
      </button>
      <button type="button" onClick={() => setIsShown(!isShown)}>
        toggle
      </button>
      {isShown && <Tiles />}
    </>
  )
}

const root = createRoot(document.body.appendChild(document.createElement('main')))
root.render(
  <StrictMode>
    <CallProvider call={call}>
      <Status />
      <Names />
      <Recovery />
    </CallProvider>
  </StrictMode>,
)

const exposed = { call, renders, bindings: () => bindings, unmount: () => root.unmount(), peerOf, stream }
declare global {
  interface Window {
    reactPage: typeof exposed
  }
}
window.reactPage = exposed
