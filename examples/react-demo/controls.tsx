/** Microphone, camera and leaving. */
import { useCall, useMe } from 'holdfast/react'
import type { ReactElement } from 'react'
import { Icon, type IconName } from './icons.js'

/** The bar of one call. */
export function CallControls({
  onLeave,
  isSmall = false,
}: {
  readonly onLeave: () => void
  readonly isSmall?: boolean
}): ReactElement {
  const call = useCall()
  const { muted, name } = useMe()
  const isMicrophoneOff = muted.includes('microphone')
  const isCameraOff = muted.includes('camera')
  return (
    <fieldset className={`controls ${isSmall ? 'controls-small' : ''}`}>
      <legend className="unseen">{`Controls of ${name}`}</legend>
      <Control
        icon={isMicrophoneOff ? 'microphone-off' : 'microphone'}
        label={isMicrophoneOff ? 'Unmute' : 'Mute'}
        isOff={isMicrophoneOff}
        onPress={() => call.setMuted('microphone', !isMicrophoneOff)}
      />
      <Control
        icon={isCameraOff ? 'camera-off' : 'camera'}
        label={isCameraOff ? 'Start video' : 'Stop video'}
        isOff={isCameraOff}
        onPress={() => call.setMuted('camera', !isCameraOff)}
      />
      <Control icon="leave" label="Leave" isLeaving onPress={onLeave} />
    </fieldset>
  )
}

function Control(props: {
  readonly icon: IconName
  readonly label: string
  readonly isOff?: boolean
  readonly isLeaving?: boolean
  readonly onPress: () => void
}): ReactElement {
  const look = props.isLeaving ? 'control-leave' : props.isOff ? 'control-off' : ''
  return (
    <button type="button" className={`control ${look}`} onClick={props.onPress} title={props.label}>
      <Icon name={props.icon} />
      <span className="control-label">{props.label}</span>
    </button>
  )
}
