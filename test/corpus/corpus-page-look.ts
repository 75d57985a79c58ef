/** Looks at pictures on 16 x 9 pixels: enough to tell a black or a frozen one from a still life. */
import type { Tick } from './recording.js'

const looks = new Map<string, { luma: number; spread: number; change: number; pixels: Uint8ClampedArray }>()
const glass = document.createElement('canvas').getContext('2d', { willReadFrequently: true })

/** Looks at every picture that is shown. */
export function look(videos: ReadonlyMap<string, HTMLVideoElement>): void {
  if (!glass) return
  for (const [peer, video] of videos) {
    if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) continue
    glass.drawImage(video, 0, 0, 16, 9)
    const { data } = glass.getImageData(0, 0, 16, 9)
    const lumas = Array.from({ length: 144 }, (_, at) => data[at * 4 + 1] ?? 0)
    const luma = lumas.reduce((sum, one) => sum + one, 0) / 144
    const before = looks.get(peer)?.pixels
    const change = lumas.reduce((sum, one, at) => sum + Math.abs(one - (before?.[at * 4 + 1] ?? one)), 0) / 144
    const spread = Math.sqrt(lumas.reduce((sum, one) => sum + (one - luma) ** 2, 0) / 144)
    const round = (value: number): number => Math.round(value * 10) / 10
    looks.set(peer, { luma: round(luma), spread: round(spread), change: round(change), pixels: data })
  }
}

/** What the latest look saw. */
export function looksAt(): Tick['pictures'] {
  return [...looks].map(([peer, { luma, spread, change }]) => ({ peer, luma, spread, change }))
}
