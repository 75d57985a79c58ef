/** Hands one call down the component tree. It never joins, leaves or closes that call. */
import { createContext, createElement, type ReactElement, type ReactNode, useContext } from 'react'
import type { Call } from '../index.js'

/** Props of {@link CallProvider}. */
export interface CallProviderProps {
  /** Made outside of React (or once, in a `useState` initializer), so that StrictMode cannot make two. */
  readonly call: Call
  readonly children?: ReactNode
}

const CallContext = createContext<Call | null>(null)

/** Makes `call` available to the hooks below it. Mounting and unmounting has no effect on the call. */
export function CallProvider({ call, children }: CallProviderProps): ReactElement {
  return createElement(CallContext.Provider, { value: call }, children)
}

/** The call itself, for its methods; throws a `TypeError` outside of {@link CallProvider}. */
export function useCall(): Call {
  const call = useContext(CallContext)
  if (!call) throw new TypeError('Holdfast hooks need a <CallProvider call={call}> above them.')
  return call
}
