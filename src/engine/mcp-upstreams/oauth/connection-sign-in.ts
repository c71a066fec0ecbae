import { invalidRequest } from '../../../contract/errors.ts'
import type { McpConnectionConfig } from '../../../contract/upstreams/mcp-connection.ts'
import type { Clock } from '../../clock.ts'
import type { SecretStore } from '../../secrets/secret-store.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import type { Store } from '../../store/store.ts'
import type { KnownSecrets } from '../known-secrets.ts'
import { createSignIn, type SignIn } from './create-sign-in.ts'
import { looksSealed, openBundle } from './oauth-bundle.ts'

/** Creates the sign-in of a stored connection. Its tokens and client secret are stored as the connection's secret. */
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

  /** Reads the row again, because the first sign-in creates its secret and the connection can be deleted meanwhile. */
  function present(): ConnectionRow {
    const now = store.read.connection(row.name)
    if (now?.id !== row.id) throw invalidRequest(`Connection "${row.name}" was deleted.`, 'name')
    // A refresh that started earlier would overwrite the new client secret.
    if (now.secret_account !== row.secret_account)
      throw invalidRequest(`The secret of "${row.name}" was replaced during the sign-in. Sign in again.`, 'secret')
    return now
  }

  return createSignIn({
    url,
    clock,
    rules: { pinned: pin === true, plainHttp: false, ownPort },
    registered: clientId === undefined ? null : { clientId, port: port ?? 0 },
    known: known.add,
    scrub: known.scrub,
    async load() {
      const { secret_location: location, secret_account } = present()
      if (location === null) return { bundle: null, clientSecret: null, secretRef: null }
      const secret = await secrets.fetch(location, secret_account, { fresh: true })
      const secretRef = /^(?:env|file):/.test(location) ? location : null
      if (clientId !== undefined && (secretRef !== null || !looksSealed(secret)))
        return { bundle: null, clientSecret: secret.reveal(), secretRef }
      const bundle = openBundle(secret)
      if (bundle.secretRef === null)
        return { bundle, clientSecret: bundle.client?.client_secret ?? null, secretRef: null }
      const clientSecret = (await secrets.fetch(bundle.secretRef, '', { fresh: true })).reveal()
      const client = bundle.client === null ? null : { ...bundle.client, client_secret: clientSecret }
      return { bundle: { ...bundle, client }, clientSecret, secretRef: bundle.secretRef }
    },
    async keep(secret) {
      const { secret_account } = present()
      const location = await secrets.keep(secret_account, secret)
      try {
        if (!store.write.setSecretLocation(present().id, location, secret_account)) present()
      } catch (thrown) {
        await secrets.forget(location, secret_account)
        throw thrown
      }
    },
    onOutcome(problem) {
      if (problem === null) parts.onSignedIn()
      else parts.onFailure(`Couldn't sign in to "${row.name}": the server ${known.scrub(problem)}. Try again.`)
    },
  })
}
