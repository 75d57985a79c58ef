/**
 * Written by `npm run fit`; do not edit. Fitted from: Verizon-EVDO-driving, ATT-LTE-driving-2016, 150 simulated sessions of 120 s.
 */
import type { RiskCoefficients } from './risk-model.js'

/** The model of `risk-model.ts`. */
export const RISK_COEFFICIENTS: RiskCoefficients = {
  data: ['Verizon-EVDO-driving', 'ATT-LTE-driving-2016', '150 simulated sessions of 120 s'],
  bias: -4.982,
  terms: [
    {
      weight: 0.50037,
      bends: [
        [0.14011, 0.067964],
        [2.221, -0.26789],
      ],
    },
    {
      weight: 0.56264,
      bends: [
        [0.18959, -2.2125],
        [2.6034, 1.6498],
      ],
    },
    {
      weight: 1.1697,
      bends: [
        [0.17124, 0.49807],
        [2.3019, -1.6678],
      ],
    },
    {
      weight: 3.1486,
      bends: [
        [0.193, -1.6062],
        [0.96554, -1.4164],
      ],
    },
    {
      weight: -0.47889,
      bends: [
        [0.065795, 2.4452],
        [0.15156, 1.3085],
      ],
    },
    {
      weight: -0.44591,
      bends: [
        [0.056944, 1.5933],
        [0.14647, -1.1474],
      ],
    },
    {
      weight: 1.0132,
      bends: [
        [0.19885, -2.5308],
        [0.77932, 1.5176],
      ],
    },
    {
      weight: -0.15302,
      bends: [
        [0.24686, -0.65625],
        [1.9081, 0.80927],
      ],
    },
    {
      weight: -0.16155,
      bends: [
        [0.2624, -0.90651],
        [1.0857, 1.0681],
      ],
    },
    {
      weight: 2.7333,
      bends: [
        [0.251, -2.7961],
        [1.2598, 0.23486],
      ],
    },
    {
      weight: 0.84332,
      bends: [
        [0.010773, 0.076207],
        [0.51931, -0.62164],
      ],
    },
    {
      weight: 0.91175,
      bends: [
        [0.022792, 1.9473],
        [0.065795, -0.70267],
      ],
    },
    {
      weight: 1.4082,
      bends: [
        [0.099865, -1.6602],
        [0.99424, 0.25191],
      ],
    },
    {
      weight: -0.29209,
      bends: [
        [0.10991, 0.96842],
        [2.3806, -0.65763],
      ],
    },
    {
      weight: -0.0072314,
      bends: [
        [0.013444, -2.708],
        [0.13544, 2.7152],
      ],
    },
    {
      weight: 3.256,
      bends: [
        [0.2466, -5.8391],
        [0.71653, 2.5831],
      ],
    },
  ],
  levels: [0.1259, 0.2518, 0.55323],
  leadMs: 3518,
}
