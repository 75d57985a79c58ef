/** The demo on fake calls: `window.story.play(scene)` shows every call in one scene of a kill. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from '../../../examples/react-demo/app.js'
import { loadConfig, readQuery } from '../../../examples/react-demo/config.js'
import { installNetworkCut } from '../../../examples/react-demo/network-cut.js'
import type { FakeCall } from '../../support/fake-call.js'
import { createStoryCall, type Scene } from '../../support/story-call.js'

type StoryCall = FakeCall & { play(scene: Scene): void }

const calls: StoryCall[] = []
const network = installNetworkCut()
const exposed = {
  calls,
  network,
  play: (scene: Scene) => {
    for (const call of calls) call.play(scene)
  },
}
declare global {
  interface Window {
    story: typeof exposed
  }
}
window.story = exposed

const config = await loadConfig(location.search)
const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <App
        config={config}
        query={readQuery(location.search)}
        network={network}
        makeCall={(participant) => {
          const call = createStoryCall(participant) as StoryCall
          calls.push(call)
          return call
        }}
      />
    </StrictMode>,
  )
