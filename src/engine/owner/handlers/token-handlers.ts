import type { TokenRequest } from '../../access/access.ts'
import { bulkTokens } from '../bulk-tokens.ts'
import { tokenHistory } from '../changes/token-history.ts'
import { clientsOfUpdate } from '../clients/clients-of-update.ts'
import { tokenDependents } from '../dependents.ts'
import { findProject } from '../find-rows.ts'
import type { OwnerDesk } from '../owner-implementer.ts'
import { renameToken } from '../rename-actions.ts'
import { getToken, mintSession, overlapSeconds, tokenMay, tokenSubject } from '../token-actions.ts'

export function tokenHandlers({ os, parts, actions }: OwnerDesk) {
  const { store, access } = parts
  const subject = (input: Parameters<typeof tokenSubject>[1]) => tokenSubject(parts, input)

  return {
    list: os.tokens.list.handler(({ input }) =>
      access.tokens(input.project === undefined ? undefined : findProject(store, input.project).name),
    ),
    get: os.tokens.get.handler(({ input }) => getToken(parts, input)),
    create: os.tokens.create.handler(({ input }) =>
      actions.change('tokens.create', subject(input), async () => {
        findProject(store, input.project)
        return access.createToken(withoutUndefined(input))
      }),
    ),
    rotate: os.tokens.rotate.handler(({ input }) =>
      actions.change('tokens.rotate', subject(input), async () => {
        await getToken(parts, input)
        const overlap = input.overlap === undefined ? undefined : overlapSeconds(input.overlap)
        const { token, secret } = await access.rotateToken(input.project, input.name, overlap)
        return { token, secret }
      }),
    ),
    extend: os.tokens.extend.handler(({ input }) =>
      actions.change('tokens.extend', subject(input), async () => {
        await getToken(parts, input)
        return access.extendToken(input.project, input.name, input.ttl)
      }),
    ),
    previewUpdate: os.tokens.previewUpdate.handler(async ({ input }) => {
      await getToken(parts, input)
      const preview = await access.previewTokenUpdate(input)
      return { ...preview.effects, ...(await clientsOfUpdate(parts, input, preview)) }
    }),
    update: os.tokens.update.handler(({ input }) =>
      actions.change('tokens.update', subject({ ...input, new_name: input.set.name ?? input.name }), async () => {
        await getToken(parts, input)
        return access.updateToken(input)
      }),
    ),
    bulk: os.tokens.bulk.handler(({ input }) => bulkTokens(parts, actions, input)),
    may: os.tokens.may.handler(({ input }) => tokenMay(parts, input)),
    rename: os.tokens.rename.handler(({ input }) =>
      actions.change('tokens.rename', subject(input), () => renameToken(parts, input)),
    ),
    history: os.tokens.history.handler(async ({ input }) => {
      await getToken(parts, input)
      return tokenHistory(parts, input)
    }),
    revoke: os.tokens.revoke.handler(({ input }) =>
      actions.runRevocation('tokens.revoke', subject(input), async () => {
        await getToken(parts, input)
        return access.revokeToken(input.project, input.name)
      }),
    ),
    delete: os.tokens.delete.handler(({ input }) =>
      actions.runRevocation('tokens.delete', subject(input), async () => {
        await getToken(parts, input)
        return access.deleteToken(input.project, input.name)
      }),
    ),
    dependents: os.tokens.dependents.handler(({ input }) => tokenDependents(parts, input)),
  }
}

export function sessionHandlers({ os, parts, actions }: OwnerDesk) {
  const { store, access } = parts
  return {
    list: os.sessions.list.handler(({ input }) =>
      access.sessions(input.project === undefined ? undefined : findProject(store, input.project).name, input.ended),
    ),
    mint: os.sessions.mint.handler(({ input }) =>
      actions.change('sessions.mint', { project: input.project, connection: input.document }, () =>
        mintSession(parts, input),
      ),
    ),
    revoke: os.sessions.revoke.handler(({ input }) =>
      actions.runRevocation('sessions.revoke', { resource: input.id }, () => access.endSession(input.id)),
    ),
    revokeAll: os.sessions.revokeAll.handler(() =>
      actions.runRevocation('sessions.revokeAll', {}, () => access.endAllSessions()),
    ),
  }
}

/** The types of the access module distinguish missing fields from undefined ones. */
function withoutUndefined(input: { [K in keyof TokenRequest]: TokenRequest[K] | undefined }): TokenRequest {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as unknown as TokenRequest
}
