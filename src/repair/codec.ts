/**
 * Another codec for a picture: for a decoder that chokes on one, or an encoder that is too slow for it. The codecs
 * were all negotiated at the start, so the encoder is only told which to use (WebRTC Extensions, `codec` of an
 * encoding); a server that negotiated one leaves no choice.
 */
import { ask } from './asks.js'
import { changeCodec } from './codec-choice.js'
import { DONE, type Hand, type HandContext, refuse } from './hand.js'
import { videoSendersOf } from './senders.js'

/** Avoids what is in use now; undo lets the browser choose again. */
export const codecChange: Hand = {
  async act(context) {
    const { world, live, target } = context
    if (target.peer !== null) return askPeer(context, await mimeInUse(context))
    const [first] = videoSendersOf(live, world.local.tracks())
    if (first === undefined) return refuse('nothing-sent')
    const avoid = first.sender.getParameters().codecs[0]?.mimeType ?? ''
    const isChanged = await changeCodec(live, first.source, avoid, world)
    return isChanged ? { freshness: 'key-frame' } : refuse('no-codec-choice')
  },
  async undo(context) {
    const { world, live, target } = context
    if (target.peer !== null) askPeer(context, null)
    else
      for (const { source } of videoSendersOf(live, world.local.tracks()))
        await changeCodec(live, source, null, world)
  },
}

function askPeer({ world, live, target }: HandContext, avoid: string | null) {
  if (target.peer === null) return DONE
  ask(world, target.peer, { v: 1, type: 'codec', provider: live.provider, source: 'camera', avoid })
  return { freshness: 'key-frame' as const }
}

async function mimeInUse({ live, target }: HandContext): Promise<string> {
  for (const { peer, source, receiver } of live.connection.tracks.values()) {
    if (peer !== target.peer || source !== 'camera' || receiver === undefined) continue
    const report = await receiver.getStats().catch(() => null) // closed: there is no codec in use
    const inbound = [...(report?.values() ?? [])].find(({ type }) => type === 'inbound-rtp')
    const mime: unknown = report?.get(inbound?.codecId ?? '')?.mimeType
    if (typeof mime === 'string') return mime
  }
  return ''
}
