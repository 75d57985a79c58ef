/** The one sentence that says how the call stands; symbol and words, not colour alone. */
import type { CallState } from 'holdfast'
import { useCallState } from 'holdfast/react'
import type { ReactElement } from 'react'
import { Icon, type IconName } from './icons.js'

type Tone = 'good' | 'busy' | 'bad' | 'quiet'

const TONES: Readonly<Record<CallState, Tone>> = {
  idle: 'quiet',
  joining: 'busy',
  live: 'good',
  switching: 'busy',
  repairing: 'busy',
  lost: 'bad',
  leaving: 'quiet',
  left: 'quiet',
  failed: 'bad',
}
const SYMBOLS: Readonly<Record<Tone, IconName>> = { good: 'check', busy: 'busy', bad: 'alert', quiet: 'person' }

/** The status line. Where several calls share a page, only one of them is announced. */
export function StatusPill({ isAnnounced = true }: { readonly isAnnounced?: boolean }): ReactElement {
  const { state, statusText } = useCallState()
  const tone = TONES[state]
  return (
    <p
      className={`pill pill-${tone}`}
      data-state={state}
      {...(isAnnounced ? { role: 'status', 'aria-live': 'polite' } : {})}
    >
      <Icon name={SYMBOLS[tone]} />
      <span>{statusText}</span>
    </p>
  )
}
