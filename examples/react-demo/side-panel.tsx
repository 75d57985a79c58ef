/** What is behind the call, in sections that fold; under the video where the screen is narrow. */
import { type ReactElement, type ReactNode, useContext } from 'react'
import { AgreementFacts, ProviderList } from './agreement.js'
import { FaultPanel, FaultsContext } from './fault-panel.js'
import { HealthPanel } from './health-panel.js'
import { Laboratory } from './laboratory.js'
import type { NetworkCut } from './network-cut.js'
import { Timeline } from './timeline.js'

/** The panel of one call. */
export function SidePanel(props: {
  readonly control: string | null
  readonly network: NetworkCut
}): ReactElement {
  // Decided once: a section that folds while somebody reads it would be worse than a long page.
  const isWide = matchMedia('(min-width: 900px)').matches
  const isBreakable = useContext(FaultsContext) !== null
  return (
    <aside className="panel" aria-label="About this call">
      <Section title="Agreement" isOpen>
        <AgreementFacts />
      </Section>
      <Section title="What happened" isOpen isGrowing>
        <Timeline />
      </Section>
      <Section title="Health" isOpen={isWide}>
        <HealthPanel />
      </Section>
      <Section title="Providers" isOpen={isWide}>
        <ProviderList />
      </Section>
      <Section title="Break something" isOpen={isWide}>
        <Laboratory {...props} />
      </Section>
      {isBreakable && (
        <Section title="Break this tab" isOpen={isWide}>
          <FaultPanel />
        </Section>
      )}
    </aside>
  )
}

function Section(props: {
  readonly title: string
  readonly isOpen: boolean
  readonly isGrowing?: boolean
  readonly children: ReactNode
}): ReactElement {
  return (
    <details className={props.isGrowing ? 'section section-growing' : 'section'} open={props.isOpen}>
      <summary>
        <h2>{props.title}</h2>
      </summary>
      <div className="section-body">{props.children}</div>
    </details>
  )
}
