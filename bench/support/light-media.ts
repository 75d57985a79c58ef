/**
 * Makes media of a test page cheap, so that several calls fit on one machine and none of them is starved. It stays
 * real: encoded, encrypted, sent, decoded and shown by the browser; what is left out is work that no figure needs.
 * Pictures are made in a worker, which a busy page does not hold up, as it does not hold up a camera. Sound is the fake
 * device's: pieces of it written by a timer come so unevenly that receivers hold them back by a fifth of a second.
 */

/**
 * Fifty packets a second of each sound, for each pair of people, are more than everything else a machine does for a
 * call; Opus also makes packets of 60 ms (RFC 7587 section 4.2), a third as many.
 */
const AUDIO_PACKET_MS = 60
/** A tone of a fake device has no echo and no noise. */
const PLAIN_SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
/** Just enough to see a colour in its middle and something that moves; encoders like multiples of 16. */
const WIDTH = 96
const HEIGHT = 64

/** Chromium's tracks that are written to (mediacapture-transform, first form); not in TypeScript's library. */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(what: { kind: 'video' })
  readonly writable: WritableStream
}

/** Writes pictures with a white patch that wanders, so that no two are equal, until the track is stopped. */
const WORKER = `
self.onmessage = ({ data: { writable, yuv: [luma, blue, red], width, height, everyMs } }) => {
  const writer = writable.getWriter()
  const bytes = new Uint8Array(width * height * 1.5)
  let count = 0
  setInterval(() => {
    count += 1
    bytes.fill(luma, 0, width * height).fill(blue, width * height, width * height * 1.25).fill(red, width * height * 1.25)
    const left = (count * 5) % (width - 16)
    for (let row = 4; row < 20; row += 1) bytes.fill(235, row * width + left, row * width + left + 16)
    const timestamp = performance.now() * 1000
    writer.write(new VideoFrame(bytes, { format: 'I420', codedWidth: width, codedHeight: height, timestamp })).catch(() => self.close())
  }, everyMs)
}
`

/** Camera and microphone of a person; ends with its tracks. */
export async function openLightCamera(hue: number, framesPerSecond: number): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: PLAIN_SOUND })
  const track = new MediaStreamTrackGenerator({ kind: 'video' })
  const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }))
  const worker = new Worker(url)
  const { writable } = track
  const figures = { yuv: yuvOf(hue), width: WIDTH, height: HEIGHT, everyMs: 1000 / framesPerSecond }
  worker.postMessage({ writable, ...figures }, [writable])
  stream.addTrack(track)
  return stream
}

/** `hsl(hue 70% 55%)` as bytes of ITU-R BT.601, limited range. */
function yuvOf(hue: number): readonly number[] {
  const [lightness, saturation] = [0.55, 0.7]
  const spread = saturation * Math.min(lightness, 1 - lightness)
  const channel = (offset: number): number => {
    const turn = (offset + hue / 30) % 12
    return lightness - spread * Math.max(-1, Math.min(turn - 3, 9 - turn, 1))
  }
  const [red, green, blue] = [channel(0), channel(8), channel(4)]
  return [
    16 + 65.5 * red + 128.6 * green + 25 * blue,
    128 - 37.8 * red - 74.2 * green + 112 * blue,
    128 + 112 * red - 93.8 * green - 18.2 * blue,
  ].map(Math.round)
}

/** A remote description that asks for long packets of sound (RFC 8866 section 6.4). */
export function withLongAudioPackets(description: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
  const { type, sdp } = description
  if (sdp === undefined) return description
  const sections = sdp
    .split(/^(?=m=)/m)
    .map((section) =>
      section.startsWith('m=audio') && !section.includes('\na=ptime:')
        ? `${section}a=ptime:${AUDIO_PACKET_MS}\r\n`
        : section,
    )
  // Of a session description of the browser a spread copies nothing.
  return { type, sdp: sections.join('') }
}
