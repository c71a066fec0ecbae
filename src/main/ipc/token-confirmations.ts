import type { InferContractRouterInputs } from '@orpc/contract'
import { t } from '../../contract/text/translate.ts'
import type { Grant } from '../../contract/grants.ts'
import type { WindowApi } from '../../contract/owner-api.ts'
import type { Permit } from '../../contract/records.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import type { Confirmation } from './confirmations.ts'
import { visible } from '../../contract/text/visible-text.ts'

type Tokens = InferContractRouterInputs<WindowApi>['tokens']

const MAX_LINES = 20

/**
 * Returns what to confirm before a token gets more permissions, or null. The list of permissions comes from the engine. Agents
 * already have the token, so without this a compromised page could give them access.
 */
export async function confirmTokenUpdate(
  input: Tokens['update'],
  owner: Pick<OwnerClient, 'tokens'>,
): Promise<Confirmation | null> {
  if (input.set.grants === undefined) return null
  const { added } = await owner.tokens.previewUpdate(input)
  return added.length === 0 ? null : widening(input.name, added.map(permitText))
}

/** Returns what to confirm before a local token is replaced, or null. Clients use it by name, so they get the new token's access. */
export function confirmLocalToken({ name, kind, force, clone, grants }: Tokens['create']): Confirmation | null {
  if (kind !== 'local' || force !== true) return null
  const lines = [...(clone === true ? [t`everything in the project`] : []), ...(grants ?? []).map(grantText)]
  return lines.length === 0 ? null : widening(name, lines)
}

function widening(name: string, lines: readonly string[]): Confirmation {
  const more = lines.length - MAX_LINES
  return {
    message: t`Give token "${visible(name)}" more permissions?`,
    detail: visible(
      [
        t`Anybody with this token will be able to use:`,
        ...lines.slice(0, MAX_LINES).map((line) => `    ${line}`),
        ...(more > 0 ? [`    ${t`and ${more} more`}`] : []),
      ].join('\n'),
    ),
    action: t`Allow`,
  }
}

function permitText({ connection, permission, resource }: Permit): string {
  return t`${permission} on ${connection}${resource === null ? '' : `: ${resource}`}`
}

function grantText({ connection, permissions, tables, tools, paths }: Grant): string {
  const limits = [...(tables ?? []), ...(tools ?? []), ...(paths ?? [])]
  return t`${permissions.join(', ')} on ${connection}${limits.length === 0 ? '' : `: ${limits.join(', ')}`}`
}
