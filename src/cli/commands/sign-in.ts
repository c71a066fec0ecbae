import { setTimeout as sleep } from 'node:timers/promises'
import { HallpassError } from '../../contract/errors.ts'
import { withEngine } from '../with-engine.ts'
import { printable } from '../../engine/text/visible-text.ts'

const LOOK_EVERY_MS = 1000

/** Prints the address to open, and waits for what comes of it. */
export async function signIn(name: string): Promise<void> {
  await withEngine(async ({ api }) => {
    const { authorize_url, expires_at } = await api.connections.signIn({ name })
    process.stdout.write(`${authorize_url}\n`)
    process.stderr.write('Open this address in your browser and sign in. Waiting…\n')
    const before = (await api.connections.get({ name })).health.checked_at
    while (Date.now() < Date.parse(expires_at)) {
      await sleep(LOOK_EVERY_MS)
      const { health } = await api.connections.get({ name })
      // Whoever asks the server meanwhile finds it as it was.
      if (health.checked_at === before || health.message?.includes('needs a sign-in') === true) continue
      if (health.state === 'up') {
        process.stderr.write(`Signed in to ${name}.\n`)
        return
      }
      throw new HallpassError('UPSTREAM_ERROR', printable(health.message ?? `Signing in to ${name} failed.`))
    }
    throw new HallpassError('UPSTREAM_TIMEOUT', 'Nobody signed in in time. Start again.')
  })
}
