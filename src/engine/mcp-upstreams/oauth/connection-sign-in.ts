import { HallpassError } from '../../../contract/errors.ts'
import type { McpConnectionConfig } from '../../../contract/mcp-connection.ts'
import type { Clock } from '../../clock.ts'
import type { SecretStore } from '../../secrets/secret-store.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import type { Store } from '../../store/store.ts'
import type { KnownSecrets } from '../known-secrets.ts'
import { createSignIn, type SignIn } from './create-sign-in.ts'
import { looksSealed, openBundle } from './oauth-bundle.ts'

/** The sign-in of a kept connection: its tokens, and the client secret that its owner gave, are the connection's own secret. */
export function signInOf(
  row: ConnectionRow,
  { url = '', pin, oauth_client_id: clientId, oauth_callback_port: port }: McpConnectionConfig,
  parts: {
    store: Pick<Store, 'read' | 'write'>
    secrets: SecretStore
    clock: Clock
    known: KnownSecrets
    ownPort: () => number | null
    onSignedIn: () => void
    onFailure: (sentence: string) => void
  },
): SignIn {
  const { store, secrets, clock, known, ownPort } = parts

  /** Read anew: the first sign-in gives the row its secret, and the connection may be gone meanwhile. */
  function present(): ConnectionRow {
    const now = store.read.connection(row.name)
    if (now?.id !== row.id)
      throw new HallpassError('INVALID_REQUEST', `name: the connection “${row.name}” was deleted.`)
    // A renewal that was under way would put the old client secret in place of the new one.
    if (now.secret_account !== row.secret_account)
      throw new HallpassError(
        'INVALID_REQUEST',
        `secret: the secret of “${row.name}” was replaced meanwhile. Sign in again.`,
      )
    return now
  }

  return createSignIn({
    url,
    clock,
    rules: { pinned: pin === true, ownPort },
    registered: clientId === undefined ? null : { clientId, port: port ?? 0 },
    known: (value) => known.add(value),
    scrub: known.scrub,
    async load() {
      const { secret_home, secret_account } = present()
      if (secret_home === null) return { bundle: null, clientSecret: null, secretRef: null }
      const secret = await secrets.fetch(secret_home, secret_account)
      const secretRef = /^(?:env|file):/.test(secret_home) ? secret_home : null
      if (clientId !== undefined && (secretRef !== null || !looksSealed(secret)))
        return { bundle: null, clientSecret: secret.reveal(), secretRef }
      const bundle = openBundle(secret)
      if (bundle.secretRef === null)
        return { bundle, clientSecret: bundle.client?.client_secret ?? null, secretRef: null }
      const clientSecret = (await secrets.fetch(bundle.secretRef, '')).reveal()
      const client = bundle.client === null ? null : { ...bundle.client, client_secret: clientSecret }
      return { bundle: { ...bundle, client }, clientSecret, secretRef: bundle.secretRef }
    },
    async keep(secret) {
      const { secret_account } = present()
      const home = await secrets.keep(secret_account, secret)
      try {
        store.write.setSecretHome(present().id, home, secret_account)
      } catch (thrown) {
        await secrets.forget(home, secret_account)
        throw thrown
      }
    },
    onOutcome(problem) {
      if (problem === null) parts.onSignedIn()
      else parts.onFailure(`The sign-in of “${row.name}” failed: its server ${known.scrub(problem)}. Start it again.`)
    },
  })
}
