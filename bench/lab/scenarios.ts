/** Everything that the lab can play, in the order in which it does. */
import { inBandSwitch, newAddress, participantCutOff, providerCutOff, relaySwitch } from './calls.js'
import { blackHole, destroyed, p2pBlocked, portDown } from './outages.js'
import { signalingDeath } from './signaling-death.js'
import type { Scenario } from './stage.js'
import { threeHosts, threeHostsAlone } from './three-hosts.js'

/** All of it. */
export const SCENARIOS: readonly Scenario[] = [
  blackHole(10),
  blackHole(22, true),
  blackHole(25),
  blackHole(28),
  blackHole(40),
  blackHole(90),
  p2pBlocked(20),
  p2pBlocked(40),
  portDown(25),
  destroyed(2),
  destroyed(1),
  signalingDeath(60),
  threeHosts,
  threeHostsAlone,
  relaySwitch,
  inBandSwitch,
  providerCutOff,
  participantCutOff,
  newAddress,
]
