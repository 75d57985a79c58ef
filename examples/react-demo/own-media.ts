/** The camera and microphone of this tab: real ones where there are any, synthetic ones else. */
import { type OwnMedia, startSyntheticCamera } from './synthetic-camera.js'

/** Opens one; never rejects, since a call without a camera is still a call. */
export async function openOwnMedia(name: () => string, isFake: boolean, hue: number): Promise<OwnMedia> {
  if (isFake || !navigator.mediaDevices) return startSyntheticCamera({ name, hue })
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: { ideal: 1280 }, height: { ideal: 720 } },
    })
    return {
      stream,
      isSynthetic: false,
      stop() {
        for (const track of stream.getTracks()) track.stop()
      },
    }
  } catch {
    // No device or no permission: the lobby says so beside the synthetic picture.
    return startSyntheticCamera({ name, hue })
  }
}

/** The same colour for the same name on every visit, in degrees. */
export function hueOfName(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7)
}
