/** Descriptions of plain peer connections, whole and with what we want measured. */

/** Without trickle: the candidates are rewritten on the way. */
export async function localSdp(connection: RTCPeerConnection): Promise<string> {
  await connection.setLocalDescription()
  if (connection.iceGatheringState !== 'complete')
    await new Promise<void>((resolve) => {
      const done = setTimeout(resolve, 1500)
      connection.onicegatheringstatechange = () => {
        if (connection.iceGatheringState !== 'complete') return
        clearTimeout(done)
        resolve()
      }
    })
  return connection.localDescription?.sdp ?? ''
}

/** Chromium counts the probability of corruption only when this header extension is asked for. */
export function measureCorruption(transceiver: RTCRtpTransceiver): void {
  const negotiable = transceiver as RTCRtpTransceiver & {
    getHeaderExtensionsToNegotiate?(): { uri: string; direction: RTCRtpTransceiverDirection }[]
    setHeaderExtensionsToNegotiate?(list: { uri: string; direction: RTCRtpTransceiverDirection }[]): void
  }
  const list = negotiable.getHeaderExtensionsToNegotiate?.()
  if (!list?.some(({ uri }) => uri.includes('corruption'))) return
  for (const extension of list) if (extension.uri.includes('corruption')) extension.direction = 'sendrecv'
  negotiable.setHeaderExtensionsToNegotiate?.(list)
}
