import { closestName } from '../closest-name.ts'
import { usageError } from '../errors.ts'
import { flagName } from './field-names.ts'
import type { HttpConnectionFlags } from './http-connection-flags.ts'
import type { McpConnectionFlags } from './mcp-connection-flags.ts'

/** Options of `update connection` that change a setting. */
export type SettingFlags = HttpConnectionFlags & McpConnectionFlags & { doc?: string; path?: string }

/** Keys of an entry that an option sets, if they can be removed. */
export const REMOVABLE: { readonly [K in keyof SettingFlags]?: readonly string[] } = {
  pin: ['pin', 'pinned'],
  plainHttp: ['plain_http'],
  allowEncodedSlash: ['allow_encoded_slash'],
  allowRange: ['allow_range'],
  oauth: ['oauth', 'oauth_client_id', 'oauth_callback_port'],
  doc: ['doc'],
  rule: ['rules'],
  openapi: ['openapi'],
  proxy: ['proxy'],
  health: ['health_path'],
  timeout: ['timeout_ms'],
  concurrency: ['concurrency'],
  arg: ['args'],
  env: ['env'],
  cwd: ['cwd'],
  header: ['headers'],
  oauthClientId: ['oauth_client_id', 'oauth_callback_port'],
  oauthCallbackPort: ['oauth_callback_port'],
}

export const settingName = (flag: string): string => flagName(flag).slice(2)

const FLAGS = Object.keys(REMOVABLE) as (keyof SettingFlags)[]

/** What --unset can remove. */
export const REMOVABLE_NAMES: readonly string[] = FLAGS.map(settingName)

/** Returns the flag of a setting that --unset names. */
export function removableFlag(word: string): keyof SettingFlags {
  const flag = FLAGS.find((one) => settingName(one) === word)
  if (flag !== undefined) return flag
  const close = closestName(word, REMOVABLE_NAMES)
  throw usageError(
    `--unset can't remove "${word}".${close === null ? '' : ` The closest setting is ${close}.`} Use ${REMOVABLE_NAMES.slice(0, -1).join(', ')} or ${REMOVABLE_NAMES.at(-1)}.`,
  )
}
