import { resolve } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { dataFolder } from '../../control/data-folder.ts'
import { HallpassError } from '../../contract/errors.ts'
import { takeVaultKey } from '../../engine/engine-options.ts'
import { restoreBackup, startEngine, type RestoredToken } from '../../engine/index.ts'
import { count } from '../output/output.ts'
import { openTokenFile, type TokenFile } from '../token-file.ts'

interface RestoreFlags {
  reissue?: boolean
  tokenFile?: string
}

/** Builds the data folder from a backup. With `reissue`, tokens that were active get new secrets and keep their grants. */
export async function restore(file: string, { reissue, tokenFile }: RestoreFlags): Promise<void> {
  const home = dataFolder(process.env)
  const tokens = tokenFile === undefined ? null : openTokenFile(tokenFile)
  try {
    const restored = restoreBackup(resolve(file), home, Date.now())
    process.stdout.write(`Restored ${home}\n`)
    const usable = restored.tokens.filter(({ kind }) => kind !== 'oauth')
    if (reissue === true) await reissueAll(home, usable, tokens)
    else if (usable.length > 0)
      process.stderr.write(
        `Its ${count(usable.length, 'token')} will be revoked at the first start, because some may have been revoked since the backup. ` +
          'Restore with --reissue to get new secrets for them.\n',
      )
    process.stderr.write('Start Hallpass, then run hallpass doctor\n')
  } finally {
    tokens?.close()
  }
}

/** Starts an engine on a free port for as long as it takes. */
async function reissueAll(home: string, restored: readonly RestoredToken[], file: TokenFile | null): Promise<void> {
  const vaultKey = takeVaultKey(process.env)
  const engine = await startEngine({
    home,
    port: 0,
    host: '127.0.0.1',
    sample: false,
    logLevel: 'silent',
    ...(vaultKey === undefined ? {} : { vaultKey }),
  })
  try {
    const owner = createRouterClient(engine.ownerRouter)
    for (const { project, name, kind } of restored) {
      const {
        grants,
        rate,
        mode,
        answer_chars: chars,
        description,
        budget,
        expires_at: expiry,
      } = await owner.tokens.get({ project, name })
      const { token, secret } = await owner.tokens.create({
        project,
        name,
        kind: kind === 'local' ? 'local' : 'access',
        grants,
        ttl: expiry ?? 'never',
        force: true,
        answer_chars: chars,
        ...(rate === null ? {} : { rate }),
        ...(mode === null ? {} : { mode }),
        ...(budget === null ? {} : { budget }),
      })
      if (description !== '')
        await owner.tokens.update({ project, name, revision: token.revision, set: { description } })
      print(project, name, secret, file)
    }
    if (restored.length > 0)
      process.stderr.write(
        `Reissued ${count(restored.length, 'token')}. Copy the secrets now. They won't be shown again.\n`,
      )
  } catch (thrown) {
    throw thrown instanceof HallpassError
      ? thrown.reworded(`The data folder is restored, but not every token was reissued. ${thrown.message}`)
      : thrown
  } finally {
    await engine.stop()
  }
}

function print(project: string, name: string, secret: string | null, file: TokenFile | null): void {
  if (secret === null) process.stdout.write(`Reissued local token ${project}/${name}\n`)
  else if (file === null) process.stdout.write(`${project}/${name} ${secret}\n`)
  else file.write(`${project}/${name} ${secret}\n`)
}
