/**
 * The table of error codes: what each says by default, and whether the same attempt may succeed later. Apart from
 * `errors.ts`, because the script-tag build has the codes without these texts. `docs/errors.md` has one heading
 * per code.
 */

interface ErrorEntry {
  readonly message: string
  readonly retryable: boolean
}

const entry = (message: string, retryable = false): ErrorEntry => ({ message, retryable })

/** Code to default message and whether trying the same thing again may help. */
export const ERROR_CODES = {
  'invalid-options': entry('An option has a value that cannot work.'),
  'invalid-transition': entry('The call was asked to enter a state that cannot follow its present one.'),
  'not-joined': entry('The call is not joined.'),
  closed: entry('The call has been left.'),
  'duplicate-participant': entry('Another page takes part under the same `me.id`; each hides the other.'),
  'insecure-context': entry('This page is not a secure context: WebCrypto and media devices are missing.'),
  'unsupported-browser': entry('This browser lacks an API that the call needs.'),
  'dependency-missing': entry('An optional package is not installed.'),
  'join-failed': entry('No provider could be reached while joining.', true),
  'switch-failed': entry('The switch was not agreed in time.', true),
  'switch-superseded': entry('The call moved to another provider than the one asked for.'),
  'switch-refused': entry('The switch cannot be done: the provider is unknown or not everybody can run it.'),
  'provider-network': entry('The provider could not be reached.', true),
  'provider-timeout': entry('The provider did not answer in time.', true),
  'provider-auth': entry('The provider refused the credentials.'),
  'provider-token-expired': entry('The token for the provider has expired.'),
  'provider-full': entry('The room on the provider is full.'),
  'provider-rejected': entry('The provider refused the request.'),
  'provider-server': entry('The provider failed on its side.', true),
  'provider-media': entry('The media connection to the provider could not be established.', true),
  'provider-ended': entry('The provider ended the connection.', true),
  'provider-unsupported': entry('The provider cannot do what was asked of it.'),
  'signaling-unreachable': entry('No signaling server could be reached.', true),
  'signaling-garbage': entry('A signaling message could not be understood and was dropped.'),
  'flood-limited': entry('A page or a server sends far more than is needed; what is too much is passed over.'),
  'wrong-password': entry(
    'A message of this room was sealed with another password, or with none; it was ignored.',
  ),
  'link-failed': entry(
    'A Yjs provider of the app could not be started or was refused; the other links go on.',
    true,
  ),
  'register-invalid': entry('A participant published something malformed; it was ignored.'),
  'register-forged': entry('A register carries a wrong signature; it was ignored.'),
  'register-equivocated': entry(
    'A voter signed two different registers under one number; it no longer counts.',
  ),
  'presence-invalid': entry('A participant announced something malformed; it was ignored.'),
  'admission-missing': entry('A participant showed no token; nothing it says counts.'),
  'admission-forged': entry('A token is malformed or not signed by whom the app trusts.'),
  'admission-expired': entry('A token has run out or is not valid yet.'),
  'admission-wrong-room': entry('A token was made for another room.'),
  'admission-wrong-participant': entry('A token was made for another participant.'),
  'admission-wrong-key': entry('A token was made for another key.'),
  'admission-unavailable': entry('A token could not be had or checked just now.', true),
  'storage-unavailable': entry('The history cannot be stored here and is kept in memory.'),
  'storage-quota': entry('The storage quota is used up; the history is kept in memory.', true),
  'storage-closed': entry('The browser closed the history database.', true),
  'storage-newer': entry('The history was written by a newer version and is left untouched.'),
  'recovery-alarm': entry('Recovery or its history needs somebody: see the details.'),
  'worker-unavailable': entry('No worker could be started; health runs on the main thread.'),
  'media-ended': entry('A local track has ended.'),
  'recovery-forbidden': entry('Nobody moves the whole call by hand without a role that may.'),
  'recovery-limited': entry('Too many repairs were asked for by hand; wait a minute.', true),
  'command-failed': entry('The command could not be carried out.'),
} as const satisfies Record<string, ErrorEntry>
