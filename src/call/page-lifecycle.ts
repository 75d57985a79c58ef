/**
 * The page's own life: hidden is alive, frozen is neither left nor dead, closing says goodbye. A gap in our
 * own ticks means that we slept, and then nobody else is judged by the silence.
 */
/** What the page tells. */
export interface PageListeners {
  /** We slept or were frozen; judge nobody by what was missed. */
  readonly onWake: () => void
  /** The page is going away for good, as far as one can know. */
  readonly onFarewell: () => void
  /** The page was shown or hidden, or is about to be frozen: the others are told, so that silence is no death. */
  readonly onPhase: (phase: 'visible' | 'hidden' | 'frozen') => void
}

/** Starts listening; the result stops it. Does nothing where there is no page. */
export function listenToPage(listeners: PageListeners): () => void {
  if (typeof window === 'undefined') return () => undefined
  const controller = new AbortController()
  const { signal } = controller
  const tellPhase = (): void => listeners.onPhase(document.visibilityState === 'hidden' ? 'hidden' : 'visible')
  window.addEventListener(
    'pagehide',
    (event) => {
      // A page that goes to the back/forward cache may return; it is frozen, and a frozen page has not left.
      if (event.persisted) listeners.onPhase('frozen')
      else listeners.onFarewell()
    },
    { signal },
  )
  window.addEventListener(
    'pageshow',
    (event) => {
      if (!event.persisted) return
      listeners.onWake()
      tellPhase()
    },
    { signal },
  )
  document.addEventListener('freeze', () => listeners.onPhase('frozen'), { signal })
  document.addEventListener(
    'resume',
    () => {
      listeners.onWake()
      tellPhase()
    },
    { signal },
  )
  document.addEventListener('visibilitychange', tellPhase, { signal })
  return () => controller.abort()
}
