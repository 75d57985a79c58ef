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
  /** The network came or went. */
  readonly onChange: () => void
}

/** Starts listening; the result stops it. Does nothing where there is no page. */
export function listenToPage(listeners: PageListeners): () => void {
  if (typeof window === 'undefined') return () => undefined
  const controller = new AbortController()
  const { signal } = controller
  window.addEventListener(
    'pagehide',
    (event) => {
      // A page that goes to the back/forward cache may return; it is frozen, and a frozen page has not left.
      if (!event.persisted) listeners.onFarewell()
    },
    { signal },
  )
  window.addEventListener(
    'pageshow',
    (event) => {
      if (event.persisted) listeners.onWake()
    },
    { signal },
  )
  document.addEventListener('resume', () => listeners.onWake(), { signal })
  window.addEventListener('online', () => listeners.onChange(), { signal })
  window.addEventListener('offline', () => listeners.onChange(), { signal })
  return () => controller.abort()
}
