/**
 * Written by `npm run fit`; do not edit. Fitted from: Verizon-EVDO-driving, ATT-LTE-driving-2016, 150 simulated sessions of 120 s.
 */
import type { RiskCoefficients } from './risk-model.js'

/** The model of `risk-model.ts`. */
export const RISK_COEFFICIENTS: RiskCoefficients = {
  data: ['Verizon-EVDO-driving', 'ATT-LTE-driving-2016', '150 simulated sessions of 120 s'],
  bias: -4.5484,
  terms: [
    {
      weight: 0.3026,
      bends: [
        [0.14011, 0.34676],
        [2.221, -0.43541],
      ],
    },
    {
      weight: 0.13728,
      bends: [
        [0.18959, -0.13728],
        [2.6034, 0],
      ],
    },
    {
      weight: 1.0067,
      bends: [
        [0.17124, -0.77754],
        [2.3019, -0.22921],
      ],
    },
    {
      weight: 1.1031,
      bends: [
        [0.193, -1.1031],
        [0.96554, 0],
      ],
    },
    {
      weight: 0.75818,
      bends: [
        [0.065795, 0.59202],
        [0.15156, -0.18028],
      ],
    },
    {
      weight: 0,
      bends: [
        [0.056944, 0.49449],
        [0.14647, -0.49449],
      ],
    },
    {
      weight: 0.080051,
      bends: [
        [0.19885, -0.080051],
        [0.77932, 0],
      ],
    },
    {
      weight: 0,
      bends: [
        [0.24686, 0],
        [1.9081, 0],
      ],
    },
    {
      weight: 0,
      bends: [
        [0.2624, 0],
        [1.0857, 0],
      ],
    },
    {
      weight: 0.62321,
      bends: [
        [0.251, -0.62321],
        [1.2598, 0.18772],
      ],
    },
    {
      weight: 0.30534,
      bends: [
        [0.010773, 0.92048],
        [0.51931, -1.0088],
      ],
    },
    {
      weight: 0.69805,
      bends: [
        [0.022792, 0.86399],
        [0.065795, -0.37139],
      ],
    },
    {
      weight: 1.199,
      bends: [
        [0.099865, -1.199],
        [0.99424, 0],
      ],
    },
    {
      weight: 0,
      bends: [
        [0.10991, 0],
        [2.3806, 0],
      ],
    },
    {
      weight: 0.088168,
      bends: [
        [0.013444, -0.088168],
        [0.13544, 0],
      ],
    },
    {
      weight: 0.33152,
      bends: [
        [0.2466, -0.33152],
        [0.71653, 0],
      ],
    },
  ],
  levels: [0.11382, 0.22764, 0.54678],
  leadMs: 3218,
}
