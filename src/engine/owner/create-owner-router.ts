import { implement } from '@orpc/server'
import { HallpassError } from '../../contract/errors.ts'
import type { RequestFilter } from '../../contract/owner-api.ts'
import { ownerApi } from '../../contract/owner-api.ts'
import type { RequestRecord } from '../../contract/records.ts'
import type { TokenOrder } from '../access/access.ts'
import { createConnection, deleteConnection, excludeConnection, includeConnection, replaceSecret, testConnection } from './connection-acts.ts'
import { findConnection, findProject, nameTaken } from './find-rows.ts'
import { createOwnerActs } from './owner-acts.ts'
import { asOwnerApiError } from './owner-errors.ts'
import type { OwnerParts } from './owner-parts.ts'
import { connectionRecord, projectRecord } from './row-records.ts'
import { engineStatus } from './engine-status.ts'
import { getToken, mintSession } from './token-acts.ts'

/**
 * The owner API over the other rooms. Every HallpassError crosses as an ORPCError whose `data` is `{code}` and whose message
 * is its sentence; anything else becomes INTERNAL without detail. Acts that change something are rows of the request log.
 */
export function createOwnerRouter(parts: OwnerParts) {
  const { store, access, log } = parts
  const acts = createOwnerActs(log)
  const asError = (thrown: unknown) => asOwnerApiError(thrown, (error) => parts.report?.(error))
  const os = implement(ownerApi).use(async ({ next }) => {
    try {
      return await next()
    } catch (thrown) {
      throw asError(thrown)
    }
  })

  const projectOf = (name: string) => projectRecord(store, findProject(store, name, 'name'), activeTokens(name))
  const activeTokens = (project: string) => access.tokens(project).filter((one) => one.status === 'active').length
  const known = (project: string | undefined) => project === undefined ? undefined : findProject(store, project).name

  async function* follow(filter: RequestFilter, signal: AbortSignal): AsyncGenerator<RequestRecord> {
    try {
      yield* log.follow(filter, signal)
    } catch (thrown) {
      throw asError(thrown)
    }
  }

  return os.router({
    status: os.status.handler(() => engineStatus(parts)),
    pause: os.pause.handler(() => acts.lessen('pause', {}, () => {
      access.pause()
      return { paused: access.paused }
    })),
    resume: os.resume.handler(() => acts.change('resume', {}, () => {
      access.resume()
      return { paused: access.paused }
    })),
    stop: os.stop.handler(() => acts.lessen('stop', {}, () => {
      setImmediate(() => parts.stop())
      return {}
    })),
    settings: {
      get: os.settings.get.handler(() => parts.settings.current),
      update: os.settings.update.handler(({ input }) => acts.change('settings.update', { resource: Object.keys(input).join(',') }, () => parts.settings.update(input))),
    },
    projects: {
      list: os.projects.list.handler(() => store.read.projects().map((row) => projectRecord(store, row, activeTokens(row.name)))),
      get: os.projects.get.handler(({ input }) => projectOf(input.name)),
      create: os.projects.create.handler(({ input }) => acts.change('projects.create', { project: input.name }, () => {
        if (store.read.project(input.name) !== null) nameTaken('project', input.name)
        store.write.createProject(input.name, parts.clock.now())
        return projectOf(input.name)
      })),
      delete: os.projects.delete.handler(({ input }) => acts.lessen('projects.delete', { project: input.name }, () => {
        const { id } = findProject(store, input.name, 'name')
        const ended = access.endProject(input.name)
        store.write.deleteProject(id)
        return ended
      })),
    },
    connections: {
      list: os.connections.list.handler(({ input }) => {
        const rows = store.read.connections(input.project === undefined ? undefined : findProject(store, input.project).id)
        return rows.map((row) => connectionRecord(store, row))
      }),
      get: os.connections.get.handler(({ input }) => connectionRecord(store, findConnection(store, input.name))),
      create: os.connections.create.handler(({ input }) =>
        acts.change('connections.create', { project: input.project ?? null, connection: input.name }, () => createConnection(parts, input))),
      replaceSecret: os.connections.replaceSecret.handler(({ input }) =>
        acts.change('connections.replaceSecret', { connection: input.name }, () => replaceSecret(parts, input))),
      delete: os.connections.delete.handler(({ input }) =>
        acts.lessen('connections.delete', { connection: input.name }, () => deleteConnection(parts, input.name))),
      include: os.connections.include.handler(({ input }) =>
        acts.change('connections.include', { project: input.project, connection: input.name }, () => includeConnection(parts, input))),
      exclude: os.connections.exclude.handler(({ input }) =>
        acts.lessen('connections.exclude', { project: input.project, connection: input.name }, () => excludeConnection(parts, input))),
      test: os.connections.test.handler(({ input }) => testConnection(parts, input.name)),
    },
    tokens: {
      list: os.tokens.list.handler(({ input }) => access.tokens(known(input.project))),
      get: os.tokens.get.handler(({ input }) => getToken(parts, input)),
      create: os.tokens.create.handler(({ input }) => acts.change('tokens.create', { project: input.project, resource: input.name }, () => {
        findProject(store, input.project)
        return access.createToken(withoutUndefined(input))
      })),
      revoke: os.tokens.revoke.handler(({ input }) => acts.lessen('tokens.revoke', { project: input.project, resource: input.name }, () => {
        getToken(parts, input)
        return access.revokeToken(input.project, input.name)
      })),
      delete: os.tokens.delete.handler(({ input }) => acts.lessen('tokens.delete', { project: input.project, resource: input.name }, () => {
        getToken(parts, input)
        return access.deleteToken(input.project, input.name)
      })),
    },
    sessions: {
      list: os.sessions.list.handler(({ input }) => access.sessions(known(input.project))),
      mint: os.sessions.mint.handler(({ input }) =>
        acts.change('sessions.mint', { project: input.project, connection: input.document }, () => mintSession(parts, input))),
      revoke: os.sessions.revoke.handler(({ input }) => acts.lessen('sessions.revoke', { resource: input.id }, () => access.endSession(input.id))),
      revokeAll: os.sessions.revokeAll.handler(() => acts.lessen('sessions.revokeAll', {}, () => access.endAllSessions())),
    },
    requests: {
      list: os.requests.list.handler(({ input }) => log.list(input)),
      follow: os.requests.follow.handler(({ input, signal }) => follow(input, signal ?? new AbortController().signal)),
    },
    console: {
      signInLink: os.console.signInLink.handler(() => acts.change('console.signInLink', {}, () => {
        if (parts.console !== undefined) return parts.console.signInLink()
        throw new HallpassError('INVALID_REQUEST', 'No web console is served here: the desktop app has its own window.')
      })),
    },
  })
}

export type OwnerRouter = ReturnType<typeof createOwnerRouter>

/** A field that is absent and one that is undefined are two things to the access room's types. */
function withoutUndefined(input: { [K in keyof TokenOrder]: TokenOrder[K] | undefined }): TokenOrder {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as unknown as TokenOrder
}
