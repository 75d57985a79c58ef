import { expect, it } from 'vitest'
import { ERROR_CODES } from '../../../src/error-codes.js'
import { ERROR_CODES as SHORT } from '../../../src/script-tag/short-codes.js'

it('the script-tag file has the same codes, as retryable as in the modules', () => {
  const retryables = (table: Readonly<Record<string, { readonly retryable: boolean }>>) =>
    Object.entries(table).map(([code, { retryable }]) => [code, retryable])
  expect(retryables(SHORT)).toEqual(retryables(ERROR_CODES))
})
