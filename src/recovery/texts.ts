/**
 * Every sentence that recovery says, by a stable key: an app replaces any of them, e.g. to translate. `{who}` stands
 * for a participant's name or `you`, `{provider}` for a provider's id, `{to}` for the one that comes next.
 */

/** What strategies are called within a sentence. */
const NAMES: Readonly<Record<string, string>> = {
  'key-frame': 'a fresh picture',
  'resync-gentle': 'slow alignment',
  'resync-medium': 'waiting for the later half',
  'resync-full': 'aligning anew',
  'rebuild-receive': 'receiving anew',
  'quality-down': 'a smaller picture',
  'quality-up': 'the full picture',
  'audio-only': 'sound alone',
  'codec-change': 'another codec',
  'ice-restart': 'a new path',
  'relay-only': 'a relay',
  reconnect: 'a new connection',
  'reacquire-device': 'getting the device again',
  'refresh-token': 'a fresh token',
  'rebuild-control-plane': 'building the ways anew',
  'switch-provider': 'another provider',
  wait: 'waiting',
  'ask-user': 'asking you',
}

/** A strategy's name in words; one of the app's own goes by its id. */
export function nameOf(strategy: string): string {
  return (Object.hasOwn(NAMES, strategy) ? NAMES[strategy] : undefined) ?? strategy
}

/** Sentences by key; see docs/recovery.md for the keys. */
export type RecoveryTexts = Readonly<Record<string, string>>

/** What an app may give: sentences of its own for any of the keys. */
export type TextOverrides = Readonly<Record<string, string>>

/** In English. */
export const RECOVERY_TEXTS: RecoveryTexts = {
  'incident.provider-outage': '{provider} failed.',
  'incident.path-broken': 'The path from here to {provider} broke.',
  'incident.connect-failed': '{provider} could not be reached.',
  'incident.switch-requested': 'A participant asked for a switch.',
  'incident.rejoined': 'This page came back.',
  'incident.frame-corruption': 'The picture of {who} is broken.',
  'incident.sync-loss': 'Sound and picture of {who} drift apart.',
  'incident.packet-loss': 'Parts of the media of {who} get lost or arrive unevenly.',
  'incident.timeout': 'Nothing arrives from {who}, though it should.',
  'incident.buffer-overflow': 'Media of {who} waits too long before it is heard and seen.',
  'incident.codec-failure': 'The picture of {who} cannot be decoded.',
  'incident.network-disconnect': 'The network here is gone.',
  'incident.auth-failure': '{provider} refuses the credentials of this page, or soon will.',
  'incident.resource-exhaustion': 'This device is too busy to send good video.',
  'incident.quality-degradation': 'The connection is too slow for good video.',
  'incident.device-failure': 'A camera or microphone in use by {who} delivers nothing.',
  'incident.stale-peer': '{who} is not heard any more.',
  'incident.control-plane-loss': 'The participants cannot agree on anything now; media goes on.',

  'culprit.my-network': 'It is the network of this page',
  'culprit.my-device': 'It is a device of this page',
  'culprit.my-cpu': 'This machine is busy',
  'culprit.sender': 'It is the side of whoever sends',
  'culprit.receiver': 'Only one receiver has this trouble',
  'culprit.provider': 'It is the provider',
  'culprit.path': 'It is the way between',
  'culprit.browser': 'It is the browser',
  'culprit.app': 'It is the token of this page',
  'culprit.nobody': 'It is nobody’s fault',

  'strategy.key-frame': 'Asking for a fresh picture of {who}.',
  'strategy.resync-gentle': 'Bringing sound and picture of {who} together, little by little.',
  'strategy.resync-medium': 'Letting the media of {who} wait for its later half.',
  'strategy.resync-full': 'Receiving {who} anew.',
  'strategy.rebuild-receive': 'Receiving {who} anew.',
  'strategy.quality-down': 'Sending a smaller picture.',
  'strategy.quality-up': 'Sending the full picture again.',
  'strategy.audio-only': 'Sending sound alone.',
  'strategy.codec-change': 'Using another codec with {provider}.',
  'strategy.ice-restart': 'Looking for a new path to {provider}, only here.',
  'strategy.relay-only': 'Going to {provider} through a relay, only here.',
  'strategy.reconnect': 'Connecting to {provider} again, only here.',
  'strategy.reacquire-device': 'Getting the device again.',
  'strategy.refresh-token': 'Asking the app for a fresh token.',
  'strategy.rebuild-control-plane': 'Building the ways to the other participants anew.',
  'strategy.switch-provider': 'Everybody moves from {provider} to {to}.',
  'strategy.wait': 'Waiting: it may pass by itself.',
  'strategy.ask-user': 'Only a person can repair this.',

  'nothing.automatic-off': 'Nothing is done by itself.',
  'nothing.emergency': 'Nothing is done now.',
  'nothing.in-other-hands': 'Nothing more is done.',
  'nothing.too-mild': 'Nothing is done about this.',
  'nothing.may-pass': 'Nothing is done yet.',
  'nothing.symptom': 'Nothing is done about this alone.',
  'nothing.too-many': 'Its repair waits for others to end.',
  'nothing.rate-limited': 'Its repair waits for a calmer minute.',
  'nothing.no-option': 'Nothing can be done from here at the moment.',
  'nothing.budget-spent': 'Its repair is given up.',
  'nothing.forbidden': 'The call was not moved.',
  'nothing.cleared': 'Nothing had to be done.',

  'because.automatic-off': 'Automatic recovery is switched off.',
  'because.emergency': 'Recovery was stopped in an emergency.',
  'because.in-other-hands': 'Another repair or a switch has it in hand.',
  'because.too-mild': 'Every remedy would be felt more than the trouble.',
  'because.may-pass': 'It may pass by itself within seconds.',
  'because.symptom': 'It follows from something else, which is repaired first.',
  'because.too-many': 'As many repairs as allowed are under way.',
  'because.rate-limited': 'Too many repairs began within one.',
  'because.no-option': 'No strategy that is left could help now.',
  'because.budget-spent': 'It took longer than one incident may take.',
  'because.forbidden': 'Nobody moves everybody for this without the role for it.',
  'because.cleared': 'It passed by itself.',

  'evidence.source-silent': 'nothing comes out of it',
  'evidence.transport-alive': 'the connection itself is fine',
  'evidence.sender-says-so': 'the sender says so',
  'evidence.others-see-it-too': 'the others see it too',
  'evidence.all-receivers': 'nobody receives it',

  'action.none': 'Nothing.',
  'action.wait': 'Stay on this page; the call goes on by itself when it can.',
  'action.network': 'See to the network, e.g. move closer to the access point or use another one.',
  'action.device': 'Plug the device in again or choose another one.',
  'action.browser': 'Allow the browser to use the device, or use it in no other program.',
  'action.load': 'Close other programs and tabs.',
  'action.token': 'Sign in again.',
  'action.sender': 'Tell {who} to look after network and device.',
  'action.ask-admin': 'Ask somebody who may move the call.',
  'action.rejoin': 'If it does not pass, leave and join again.',
}

/** A sentence with its names put in; a key that nobody knows is said as words. */
export function sentence(
  key: string,
  names: Readonly<Record<string, string>>,
  overrides: TextOverrides = {},
): string {
  const own = Object.hasOwn(overrides, key) ? overrides[key] : undefined
  const text = own ?? RECOVERY_TEXTS[key] ?? key.slice(key.indexOf('.') + 1).replaceAll('-', ' ')
  return text.replace(/\{(\w+)\}/g, (_all, name: string) => names[name] ?? name)
}
