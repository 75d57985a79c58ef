/** How well a participant is received: a word, four bars and the figures behind them. */
import type { PeerSnapshot } from 'holdfast'
import type { ReactElement } from 'react'

const BARS = [1, 2, 3, 4] as const
/** The least score for each word; people read words, the colour only repeats them. */
const GRADES = [
  { word: 'Good', least: 80, bars: 4 },
  { word: 'Fair', least: 60, bars: 3 },
  { word: 'Weak', least: 35, bars: 2 },
  { word: 'Bad', least: 0, bars: 1 },
] as const
const UNKNOWN = { word: 'Measuring', bars: 0 } as const

/** The badge of one peer; `isCompact` leaves the figures to the tooltip. */
export function HealthBadge({
  peer,
  isCompact = false,
}: {
  readonly peer: PeerSnapshot
  readonly isCompact?: boolean
}): ReactElement {
  const { score } = peer.health
  const isAway = peer.state === 'away'
  const grade = score === null || isAway ? UNKNOWN : (GRADES.find(({ least }) => score >= least) ?? UNKNOWN)
  const word = isAway ? 'Away' : grade.word
  const figures = isAway || score === null ? '' : figuresOf(peer)
  return (
    <span className={`health health-${word.toLowerCase()}`} title={`${word}. ${figures}`}>
      <svg className="bars" viewBox="0 0 16 12" aria-hidden="true">
        {BARS.map((bar) => (
          <rect
            key={bar}
            className={bar <= grade.bars ? 'is-lit' : ''}
            x={(bar - 1) * 4.2}
            y={12 - bar * 3}
            width="3"
            height={bar * 3}
            rx="0.8"
          />
        ))}
      </svg>
      <span>
        <span className="word">{word}</span>
        {score !== null && !isAway && <span className="figure"> {Math.round(score)}</span>}
      </span>
      {!isCompact && figures !== '' && <span className="figures">{figures}</span>}
    </span>
  )
}

function figuresOf({ health }: PeerSnapshot): string {
  const { rttMs, lossRatio, fps } = health
  const parts: string[] = []
  if (rttMs !== null) parts.push(`${Math.round(rttMs)} ms`)
  if (lossRatio !== null) parts.push(`${(lossRatio * 100).toFixed(lossRatio < 0.1 ? 1 : 0)} % lost`)
  if (fps !== null) parts.push(`${Math.round(fps)} fps`)
  return parts.join(' · ')
}
