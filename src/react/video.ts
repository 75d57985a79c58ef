/** Binds a stream to a media element once; switches happen inside the stream. */
import { useCallback } from 'react'

/**
 * A ref for `<video>` or `<audio>`. The element gets the stream when it mounts and is not touched again:
 * not at renders, not at switches, and not under StrictMode's second mount.
 *
 * @example
 * ```tsx
 * <video ref={useVideo(peer.stream)} autoPlay playsInline />
 * ```
 */
export function useVideo(stream: MediaStream | null): (element: HTMLMediaElement | null) => void {
  return useCallback(
    (element) => {
      if (element && element.srcObject !== stream) element.srcObject = stream
    },
    [stream],
  )
}
