/** What everybody agreed on, and which other ways there are to carry the call. */
import { isHoldfastError } from 'holdfast'
import { useCallSelector, useMe, useProvider } from 'holdfast/react'
import { type ReactElement, useState } from 'react'
import { Icon } from './icons.js'

const STATUS_WORDS = {
  listening: 'Listening',
  provisional: 'Provisional',
  committed: 'Agreed',
} as const
const SIGHT_WORDS: Readonly<Record<string, string>> = {
  ok: 'works here',
  suspect: 'looks bad here',
  dead: 'does not answer',
  unreachable: 'not reachable here',
}
/** A lineage id is long; its beginning tells two apart. */
const LINEAGE_SHOWN = 10

/** Provider, epoch, lineage and who has a vote. */
export function AgreementFacts(): ReactElement {
  const { provider, epoch, lineage, status, seat, committee } = useProvider()
  const me = useMe().id
  const names = useCallSelector((snapshot) =>
    Object.fromEntries(snapshot.peers.map(({ id, name }) => [id, name])),
  )
  const voters = committee.map((id) => (id === me ? 'You' : (names[id] ?? 'somebody who left')))
  return (
    <dl className="facts">
      <Fact term="Provider" value={provider ?? 'none yet'} isStrong />
      <Fact term="Epoch" value={epoch === null ? '–' : String(epoch)} isStrong />
      <Fact term="Status" value={STATUS_WORDS[status]} isStrong />
      <Fact
        isWide
        term={seat === 'observer' ? 'Who votes for you' : 'Who votes'}
        value={voters.length > 0 ? voters.join(', ') : 'nobody yet'}
      />
      <Fact term="Lineage" value={shorten(lineage)} {...(lineage === null ? {} : { title: lineage })} />
    </dl>
  )
}

/** Every provider with how it looks from here and a way to move everybody there. */
export function ProviderList(): ReactElement {
  const { provider, providers, switchTo } = useProvider()
  const isSwitching = useCallSelector(({ state }) => state === 'switching')
  const [trouble, setTrouble] = useState<string | null>(null)
  const move = (id: string): void => {
    setTrouble(null)
    switchTo(id, { reason: 'Asked for by hand.' }).catch((error: unknown) =>
      setTrouble(isHoldfastError(error) ? error.message : `Nobody moved to ${id}.`),
    )
  }
  return (
    <>
      <ul className="rows">
        {providers.map(({ id, kind, sight }) => (
          <li key={id} className={`row ${id === provider ? 'row-current' : ''}`}>
            <span className="row-name">
              <strong>{id}</strong>
              <span className="row-note">{`${kind}, ${SIGHT_WORDS[sight] ?? 'not tried yet'}`}</span>
            </span>
            {id === provider ? (
              <span className="tag">
                <Icon name="check" />
                In use
              </span>
            ) : (
              <button type="button" className="button" disabled={isSwitching} onClick={() => move(id)}>
                <Icon name="switch" />
                Move here<span className="unseen">{` to ${id}`}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {trouble !== null && (
        <p role="alert" className="trouble">
          {trouble}
        </p>
      )}
    </>
  )
}

function Fact(props: {
  readonly term: string
  readonly value: string
  readonly title?: string
  readonly isStrong?: boolean
  readonly isWide?: boolean
}): ReactElement {
  return (
    <div className={`fact ${props.isStrong ? 'fact-strong' : ''} ${props.isWide ? 'fact-wide' : ''}`}>
      <dt>{props.term}</dt>
      <dd title={props.title}>{props.value}</dd>
    </div>
  )
}

function shorten(lineage: string | null): string {
  if (lineage === null) return '–'
  return lineage.length > LINEAGE_SHOWN ? `${lineage.slice(0, LINEAGE_SHOWN)}…` : lineage
}
