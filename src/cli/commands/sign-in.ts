import { printable } from '../../engine/text/visible-text.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { HallpassError } from '../../contract/errors.ts'
import { withEngine } from '../with-engine.ts'

const POLL_MS = 1000

/** Prints the URL to open, and waits for the outcome. */
export async function signIn(name: string): Promise<void> {
  await withEngine(async ({ api }) => {
    const { authorize_url, expires_at } = await api.connections.signIn({ name })
    process.stdout.write(`${authorize_url}\n`)
    process.stderr.write('Open this link in your browser and sign in. Waiting…\n')
    const before = (await api.connections.get({ name })).health.checked_at
    while (Date.now() < Date.parse(expires_at)) {
      await sleep(POLL_MS)
      const { health } = await api.connections.get({ name })
      if (health.checked_at === before) continue
      if (health.state === 'up') {
        process.stderr.write(`Signed in to ${name}\n`)
        return
      }
      // A check that another program started meanwhile only repeats that a sign-in is required.
      if ((await api.connections.diagnostics({ name })).state === 'needs_sign_in') continue
      throw new HallpassError('UPSTREAM_ERROR', printable(health.message ?? `Couldn't sign in to ${name}.`))
    }
    throw new HallpassError('UPSTREAM_TIMEOUT', `The sign-in link expired. Run hallpass sign-in ${name} again.`)
  })
}
