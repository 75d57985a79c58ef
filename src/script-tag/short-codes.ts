/**
 * Stands in for `error-codes.ts` in the script-tag file: an error says no more than its code, in words. What each means
 * and what to do about it is in docs/errors.md. Those marked with `+` may succeed when tried again.
 */
const CODES =
  'invalid-options invalid-transition not-joined closed duplicate-participant insecure-context unsupported-browser dependency-missing ' +
  'join-failed+ switch-failed+ switch-superseded switch-refused provider-network+ provider-timeout+ provider-auth ' +
  'provider-token-expired provider-full provider-rejected provider-server+ provider-media+ provider-ended+ ' +
  'provider-unsupported signaling-unreachable+ signaling-garbage flood-limited wrong-password link-failed+ register-invalid ' +
  'register-forged register-equivocated presence-invalid admission-missing admission-forged admission-expired ' +
  'admission-wrong-room admission-wrong-participant admission-wrong-key admission-unavailable+ ' +
  'storage-unavailable storage-quota+ storage-closed+ storage-newer recovery-alarm worker-unavailable media-ended ' +
  'recovery-forbidden recovery-limited+ command-failed'

/** As in `error-codes.ts`. */
export const ERROR_CODES: Readonly<Record<string, { readonly message: string; readonly retryable: boolean }>> =
  Object.fromEntries(
    CODES.split(' ').map((marked) => {
      const code = marked.replace('+', '')
      return [code, { message: code.replaceAll('-', ' '), retryable: code !== marked }]
    }),
  )
