import { resolve } from 'node:path'
import { engineRuns } from '../../control/control-client.ts'
import { dataFolder } from '../../control/data-folder.ts'
import { takeVaultKey } from '../../engine/engine-options.ts'
import { rekeyVault } from '../../engine/index.ts'
import { usageError } from '../errors.ts'
import { count } from '../output/output.ts'

/** Encrypts the vault file with a new key. The engine must be stopped, because it holds the current one. */
export async function rekey({ newKeyFile }: { newKeyFile: string }): Promise<void> {
  const home = dataFolder(process.env)
  if (await engineRuns(home)) throw usageError('Stop Hallpass first: hallpass stop')
  const oldKey = takeVaultKey(process.env)
  if (oldKey === undefined)
    throw usageError('Set HALLPASS_VAULT_KEY_FILE or HALLPASS_VAULT_KEY to the current key of the vault file.')
  const newKey = takeVaultKey({ HALLPASS_VAULT_KEY_FILE: resolve(newKeyFile) })
  const secrets = await rekeyVault(home, oldKey, newKey ?? '')
  process.stdout.write(`Encrypted the vault file with the new key (${count(secrets, 'secret')})\n`)
  process.stderr.write('Start Hallpass with the new key from now on. Older backups still need the old one.\n')
}
