/**
 * A camera and a microphone made of a canvas and an oscillator, for machines that have none. The picture
 * moves all the time and carries a clock, so that a frozen call is seen at once.
 */

/** What the picture shows. */
export interface SyntheticCamera {
  /** Asked for each frame, so that the lobby shows a name while it is typed. */
  readonly name: () => string
  /** Degrees on the colour circle. */
  readonly hue: number
  /** Pixels; the height follows at 16:9. */
  readonly width?: number
  readonly framesPerSecond?: number
}

/** Hardly audible, yet real audio packets. */
const LOUDNESS = 0.015
/** Hues that are told apart easily and suit a dark page. */
const HUES = [168, 262, 28, 208, 330, 92] as const

/** A stream with one video and one audio track, and how to end both. */
export interface OwnMedia {
  readonly stream: MediaStream
  readonly isSynthetic: boolean
  stop(): void
}

/** A colour for the n-th participant. */
export function hueOf(index: number): number {
  return HUES[index % HUES.length] ?? HUES[0]
}

/** Starts one; `stop()` ends its tracks, timer and audio graph. */
export function startSyntheticCamera(options: SyntheticCamera): OwnMedia {
  const { width = 640, framesPerSecond = 20 } = options
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = Math.round((width * 9) / 16)
  const context = canvas.getContext('2d', { alpha: false })
  const draw = (): void => {
    if (context) drawFrame(context, options, performance.now() / 1000)
  }
  draw()
  const timer = setInterval(draw, 1000 / framesPerSecond)
  const audio = startHum(options.hue)
  const stream = new MediaStream([...canvas.captureStream(framesPerSecond).getVideoTracks(), audio.track])
  return {
    stream,
    isSynthetic: true,
    stop() {
      clearInterval(timer)
      for (const track of stream.getTracks()) track.stop()
      audio.stop()
    },
  }
}

function drawFrame(context: CanvasRenderingContext2D, { name, hue }: SyntheticCamera, seconds: number): void {
  const { width, height } = context.canvas
  const sway = Math.sin(seconds * 0.5)
  const ground = context.createLinearGradient(0, 0, width, height)
  ground.addColorStop(0, `hsl(${hue + 12 * sway} 42% 30%)`)
  ground.addColorStop(1, `hsl(${hue + 48} 46% 16%)`)
  context.fillStyle = ground
  context.fillRect(0, 0, width, height)

  const radius = height * 0.24
  const [x, y] = [width / 2 + sway * width * 0.03, height * 0.47 + Math.sin(seconds * 1.3) * height * 0.015]
  context.fillStyle = `hsl(${hue} 50% 62% / 0.22)`
  circle(context, x, y, radius * (1.32 + 0.06 * Math.sin(seconds * 2.2)))
  context.fillStyle = `hsl(${hue} 52% 66%)`
  circle(context, x, y, radius)
  context.fillStyle = `hsl(${hue} 60% 12%)`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.font = `600 ${Math.round(radius)}px system-ui, sans-serif`
  context.fillText((name().trim()[0] ?? '?').toUpperCase(), x, y + radius * 0.05)

  const angle = seconds * 2.4
  context.fillStyle = `hsl(${hue} 80% 86%)`
  circle(context, x + Math.cos(angle) * radius * 1.32, y + Math.sin(angle) * radius * 1.32, height * 0.018)
}

function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fill()
}

function startHum(hue: number): { readonly track: MediaStreamTrack; stop(): void } {
  const context = new AudioContext()
  const oscillator = context.createOscillator()
  oscillator.frequency.value = 160 + hue
  const volume = context.createGain()
  volume.gain.value = LOUDNESS
  const output = context.createMediaStreamDestination()
  oscillator.connect(volume).connect(output)
  oscillator.start()
  const [track] = output.stream.getAudioTracks()
  if (!track) throw new Error('This browser makes no audio track.')
  return {
    track,
    stop() {
      oscillator.stop()
      void context.close()
    },
  }
}
