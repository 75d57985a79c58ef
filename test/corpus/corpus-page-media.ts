/** A camera and a microphone of which everything is known: they show and sound what a scenario tells them. */

/** What the camera sees. `stuck`: the driver repeats one picture exactly; `dead`: it delivers nothing. */
export type CameraMode = 'talk' | 'still' | 'black' | 'stuck' | 'dead'

/** A camera. */
export interface Camera {
  readonly mode: CameraMode
  readonly track: MediaStreamTrack
  set(mode: CameraMode): void
}

const WIDTH = 320
const HEIGHT = 180
const FPS = 15
/** Paper to take the noise of a sensor from: two different windows of it never look alike. */
const NOISE_SIZE = 512

/** Starts the camera. */
export function startCamera(): Camera {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) throw new Error('no canvas')
  const noise = noisePaper()
  let mode: CameraMode = 'talk'
  let frame = 0
  const track = canvas.captureStream(FPS).getVideoTracks()[0]
  if (!track) throw new Error('no track')
  const draw = (): void => {
    frame += 1
    if (mode === 'dead') return
    if (mode === 'black') {
      context.fillStyle = '#000'
      context.fillRect(0, 0, WIDTH, HEIGHT)
      return
    }
    if (mode === 'stuck') {
      // Draws what is there: the canvas emits a frame, and it is the same one.
      context.drawImage(canvas, 0, 0)
      return
    }
    drawScene(context, mode === 'talk' ? frame : 40)
    context.globalAlpha = 0.12
    const reach = NOISE_SIZE - WIDTH
    context.drawImage(noise, -Math.random() * reach, -Math.random() * reach)
    context.globalAlpha = 1
  }
  draw()
  setInterval(draw, 1000 / FPS)
  return {
    get mode() {
      return mode
    },
    track,
    set(next) {
      mode = next
    },
  }
}

/** A microphone. */
export interface Microphone {
  readonly track: MediaStreamTrack
  set(mode: 'talk' | 'silent'): void
}

/** An engine that has not begun by then has no sound card to run on. */
const ENGINE_LIMIT_MS = 1000

/** Starts the microphone: syllables with pauses, or a muted capsule that delivers zeros. */
export async function startMicrophone(): Promise<Microphone> {
  const audio = new AudioContext()
  await Promise.race([audio.resume(), new Promise((resolve) => setTimeout(resolve, ENGINE_LIMIT_MS))])
  return audio.state === 'running' ? talkOn(audio) : hum()
}

/** Firefox makes sound of its own only with a sound card; its fake device hums without one and is never silent. */
async function hum(): Promise<Microphone> {
  const [track] = (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()
  if (!track) throw new Error('no track')
  return {
    track,
    set(mode) {
      if (mode === 'silent') throw new Error('this microphone cannot fall silent')
    },
  }
}

function talkOn(audio: AudioContext): Microphone {
  const voice = new OscillatorNode(audio, { type: 'sawtooth', frequency: 140 })
  const mouth = new GainNode(audio, { gain: 0 })
  const capsule = new GainNode(audio, { gain: 1 })
  const target = new MediaStreamAudioDestinationNode(audio, { channelCount: 1 })
  voice.connect(mouth).connect(capsule).connect(target)
  voice.start()
  // The room is never silent, only a dead capsule is.
  const room = new AudioBuffer({ length: 48_000, sampleRate: 48_000 })
  room.copyToChannel(
    Float32Array.from({ length: 48_000 }, () => (Math.random() - 0.5) * 0.004),
    0,
  )
  const hiss = new AudioBufferSourceNode(audio, { buffer: room, loop: true })
  hiss.connect(capsule)
  hiss.start()
  let syllable = 0
  setInterval(() => {
    syllable += 1
    // Four syllables, then a breath; every fourth breath is a pause to think.
    const isSpeaking = syllable % 6 < 4 && syllable % 24 < 18
    mouth.gain.setTargetAtTime(isSpeaking ? 0.15 + Math.random() * 0.2 : 0, audio.currentTime, 0.04)
  }, 220)
  const track = target.stream.getAudioTracks()[0]
  if (!track) throw new Error('no track')
  return {
    track,
    set(mode) {
      capsule.gain.value = mode === 'talk' ? 1 : 0
    },
  }
}

function drawScene(context: CanvasRenderingContext2D, frame: number): void {
  const sway = Math.sin(frame / 9) * 14
  context.fillStyle = '#6b7a8f'
  context.fillRect(0, 0, WIDTH, HEIGHT)
  context.fillStyle = '#3d4a3f'
  context.fillRect(20, 30, 70, 110)
  context.fillStyle = '#28303a'
  context.fillRect(110 + sway / 2, 120, 100, 60)
  context.fillStyle = '#d9a981'
  context.beginPath()
  context.ellipse(160 + sway, 80 + Math.cos(frame / 7) * 4, 34, 44, 0, 0, Math.PI * 2)
  context.fill()
  context.fillStyle = '#7a2f2f'
  context.fillRect(146 + sway, 100, 28, 2 + Math.abs(Math.sin(frame / 2)) * 9)
}

function noisePaper(): HTMLCanvasElement {
  const paper = document.createElement('canvas')
  paper.width = NOISE_SIZE
  paper.height = NOISE_SIZE
  const context = paper.getContext('2d')
  const image = new ImageData(NOISE_SIZE, NOISE_SIZE)
  for (let at = 0; at < image.data.length; at += 4) {
    const grey = Math.random() * 255
    image.data.set([grey, grey, grey, 255], at)
  }
  context?.putImageData(image, 0, 0)
  return paper
}
