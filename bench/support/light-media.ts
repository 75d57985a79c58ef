/**
 * Makes media of a test page cheap, so that several calls fit on one machine and none of them is starved. It stays
 * real: captured, encoded, encrypted, sent and decoded by the browser; what is left out is work that no figure needs.
 */

/**
 * Fifty packets a second of each sound, for each pair of people, are more than everything else a machine does for a
 * call; Opus also makes packets of 60 ms (RFC 7587 section 4.2), a third as many.
 */
const AUDIO_PACKET_MS = 60
/** A tone of a fake device has no echo and no noise. */
const PLAIN_SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }

/** Every microphone that the page opens from now on comes without processing. */
export function openPlainMicrophones(): void {
  const devices = navigator.mediaDevices
  const open = devices.getUserMedia.bind(devices)
  devices.getUserMedia = (wanted) => open(wanted?.audio === true ? { ...wanted, audio: PLAIN_SOUND } : wanted)
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
