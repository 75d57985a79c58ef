'use client'
/**
 * React hooks over a call (React 18 and 19). The app makes the call and decides when to join and leave;
 * components only look at it. Renders on the server, is safe under StrictMode, and a component renders again
 * only when what it selected has changed.
 *
 * @example
 * ```tsx
 * const call = createCall(options)
 * root.render(<CallProvider call={call}><Grid /></CallProvider>)
 *
 * function Grid() {
 *   return usePeers().map((peer) => <Tile key={peer.id} peer={peer} />)
 * }
 * function Tile({ peer }: { peer: PeerSnapshot }) {
 *   return <video ref={useVideo(peer.stream)} autoPlay playsInline />
 * }
 * ```
 */
export { CallProvider, type CallProviderProps, useCall } from './call-context.js'
export {
  type CallStateView,
  type HealthView,
  type ProviderView,
  type RecoveryView,
  useCallState,
  useHealth,
  useMe,
  usePeer,
  usePeers,
  useProvider,
  useRecovery,
} from './hooks.js'
export { useCallSelector } from './selector.js'
export { useVideo } from './video.js'
