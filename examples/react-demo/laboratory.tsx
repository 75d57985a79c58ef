/** The buttons that break things: servers, and this tab's own network. */
import { type ReactElement, useSyncExternalStore } from 'react'
import { Icon, type IconName } from './icons.js'
import { type LabAction, type LabServer, useLab } from './lab.js'
import type { NetworkCut } from './network-cut.js'

const STATE_WORDS: Readonly<Record<string, string>> = {
  starting: 'starting',
  running: 'running',
  hung: 'hanging: takes connections, answers nothing',
  dead: 'killed',
}

/** The laboratory; without a control endpoint only the tab's own network can be cut. */
export function Laboratory(props: {
  readonly control: string | null
  readonly network: NetworkCut
}): ReactElement {
  const lab = useLab(props.control, props.network.uncutFetch)
  return (
    <>
      <ul className="rows">
        {lab.servers.map((server) => (
          <ServerRow key={server.name} server={server} onAct={(action) => lab.act(server.name, action)} />
        ))}
        <TabRow network={props.network} />
      </ul>
      {lab.trouble !== null && (
        <p role="alert" className="trouble">
          {lab.trouble}
        </p>
      )}
    </>
  )
}

function ServerRow({
  server,
  onAct,
}: {
  readonly server: LabServer
  readonly onAct: (action: LabAction) => void
}): ReactElement {
  const { name, state } = server
  const isRunning = state === 'running'
  return (
    <li className="row">
      <span className="row-name">
        <strong>{name}</strong>
        <span className="row-note" data-server-state={state}>
          {STATE_WORDS[state] ?? state}
        </span>
      </span>
      <span className="buttons">
        <LabButton icon="kill" label="Kill" of={name} isDisabled={!isRunning} onPress={() => onAct('kill')} />
        <LabButton icon="hang" label="Hang" of={name} isDisabled={!isRunning} onPress={() => onAct('hang')} />
        <LabButton
          icon="revive"
          label="Revive"
          of={name}
          isDisabled={isRunning || state === 'starting'}
          onPress={() => onAct(state === 'hung' ? 'resume' : 'restart')}
        />
      </span>
    </li>
  )
}

function TabRow({ network }: { readonly network: NetworkCut }): ReactElement {
  const isCut = useSyncExternalStore(
    network.subscribe,
    () => network.isCut,
    () => false,
  )
  return (
    <li className="row">
      <span className="row-name">
        <strong>This tab</strong>
        <span className="row-note">{isCut ? 'cut from the network' : 'on the network'}</span>
      </span>
      <button
        type="button"
        className={isCut ? 'button button-lit' : 'button'}
        aria-pressed={isCut}
        onClick={() => network.setCut(!isCut)}
      >
        <Icon name={isCut ? 'plug' : 'unplug'} />
        {isCut ? 'Reconnect' : 'Cut this tab'}
        {isCut && <span className="unseen"> this tab</span>}
      </button>
    </li>
  )
}

function LabButton(props: {
  readonly icon: IconName
  readonly label: string
  readonly of: string
  readonly isDisabled: boolean
  readonly onPress: () => void
}): ReactElement {
  return (
    <button
      type="button"
      className="button button-icon"
      disabled={props.isDisabled}
      onClick={props.onPress}
      title={`${props.label} ${props.of}`}
    >
      <Icon name={props.icon} />
      {props.label}
      <span className="unseen">{` ${props.of}`}</span>
    </button>
  )
}
