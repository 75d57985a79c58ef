/**
 * Makes media of a test page cheap, so that several calls fit on one machine and none of them is starved. It stays
 * real: encoded, encrypted, sent, decoded and shown by the browser; what is left out is work that no figure needs.
 * Camera and microphone are made in one worker, which a busy page does not hold up, as it does not hold up devices.
 */

/**
 * Fifty packets a second of each sound, for each pair of people, are more than everything else a machine does for a
 * call; Opus also makes packets of 60 ms (RFC 7587 section 4.2), a third as many.
 */
const AUDIO_PACKET_MS = 60
const SAMPLES_PER_SECOND = 48_000
/** Just enough to see a colour in its middle and something that moves; encoders like multiples of 16. */
const WIDTH = 96
const HEIGHT = 64

/** Chromium's tracks that are written to (mediacapture-transform, first form); not in TypeScript's library. */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(what: { kind: 'audio' | 'video' })
  readonly writable: WritableStream
}

/** As a device gives it: in longer pieces packets come in bursts, and receivers hold them back for that. */
const SOUND_EVERY_MS = 20

/**
 * Pictures have a white patch that wanders, so that no two are equal; the sound is a soft tone for half of each half
 * second, because players catch up in pauses. What was missed in a pause of the machine stays out.
 */
const WORKER = `
self.onmessage = ({ data: { video, audio, yuv: [luma, blue, red], width, height, samples, pictureEveryMs, soundEveryMs } }) => {
  const ended = new Set()
  const started = performance.now()
  const every = (ms, track, media) => {
    const writer = track.getWriter()
    let written = 0
    const timer = setInterval(() => {
      const due = Math.floor((performance.now() - started) / ms)
      for (written = Math.max(written, due - 3); written < due; written += 1)
        writer.write(media(written, performance.now() * 1000)).catch(() => {
          clearInterval(timer)
          if (ended.add(track).size === 2) self.close()
        })
    }, ms)
  }
  const bytes = new Uint8Array(width * height * 1.5)
  every(pictureEveryMs, video, (count, timestamp) => {
    bytes.fill(luma, 0, width * height).fill(blue, width * height, width * height * 1.25).fill(red, width * height * 1.25)
    const left = (count * 5) % (width - 16)
    for (let row = 4; row < 20; row += 1) bytes.fill(235, row * width + left, row * width + left + 16)
    return new VideoFrame(bytes, { format: 'I420', codedWidth: width, codedHeight: height, timestamp })
  })
  const numberOfFrames = samples * soundEveryMs / 1000
  const wave = (loud) => Float32Array.from({ length: numberOfFrames }, (_, at) => loud * Math.sin(at * 400 * 2 * Math.PI / samples))
  const tone = wave(0.1), pause = wave(0.002)
  every(soundEveryMs, audio, (count, timestamp) =>
    new AudioData({ format: 'f32', sampleRate: samples, numberOfFrames, numberOfChannels: 1, timestamp, data: count * soundEveryMs % 500 < 250 ? tone : pause }))
}
`

/** Camera and microphone of a person; ends with its tracks. */
export async function openLightCamera(hue: number, framesPerSecond: number): Promise<MediaStream> {
  const [video, audio] = [
    new MediaStreamTrackGenerator({ kind: 'video' }),
    new MediaStreamTrackGenerator({ kind: 'audio' }),
  ]
  const url = URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }))
  const worker = new Worker(url)
  const wires = { video: video.writable, audio: audio.writable }
  const figures = { yuv: yuvOf(hue), width: WIDTH, height: HEIGHT, samples: SAMPLES_PER_SECOND }
  const times = { pictureEveryMs: 1000 / framesPerSecond, soundEveryMs: SOUND_EVERY_MS }
  worker.postMessage({ ...wires, ...figures, ...times }, [wires.video, wires.audio])
  return new MediaStream([video, audio])
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
