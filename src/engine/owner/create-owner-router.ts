import { isAbsolute } from 'node:path'
import { describeInvalidInput } from '../../contract/input-messages.ts'
import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import { applyConfiguration } from './configuration/apply-configuration.ts'
import { exportConfiguration } from './configuration/export-configuration.ts'
import { allFields, settingsFields } from './changes/changed-fields.ts'
import { checkAddress } from './check-address.ts'
import { createAttention } from './attention/attention-items.ts'
import { engineStatus } from './engine-status.ts'
import { attentionHandlers } from './handlers/attention-handlers.ts'
import { clientHandlers } from './handlers/client-handlers.ts'
import { connectionHandlers } from './handlers/connection-handlers.ts'
import { preferenceHandlers } from './handlers/preference-handlers.ts'
import { projectHandlers } from './handlers/project-handlers.ts'
import { requestHandlers } from './handlers/request-handlers.ts'
import { sessionHandlers, tokenHandlers } from './handlers/token-handlers.ts'
import { presetHandlers, viewHandlers } from './handlers/view-handlers.ts'
import { createOwnerDesk, signalOf } from './owner-implementer.ts'
import type { ConsoleEntry, OwnerParts } from './owner-parts.ts'
import { searchNames } from './search/search-names.ts'

/**
 * Creates the owner API. HallpassErrors become ORPCErrors with their code in `data` and their sentence as message.
 * Anything else becomes INTERNAL without details. Actions that change something are logged.
 */
export function createOwnerRouter(parts: OwnerParts) {
  describeInvalidInput()
  const { access, approvals, changes, settings } = parts
  const desk = createOwnerDesk(parts)
  const { os, actions } = desk
  const attention = createAttention(parts)

  return os.router({
    status: os.status.handler(() => engineStatus(parts, attention)),
    pause: os.pause.handler(({ input }) =>
      actions.runRevocation('pause', {}, async () => {
        await access.pause(input?.by)
        return { paused: access.paused }
      }),
    ),
    resume: os.resume.handler(() =>
      actions.change('resume', {}, async () => {
        await access.resume()
        return { paused: access.paused }
      }),
    ),
    checkSecretStore: os.checkSecretStore.handler(async () => ({ problem: await parts.checkSecretStore() })),
    stop: os.stop.handler(() =>
      actions.runRevocation('stop', {}, () => {
        setImmediate(() => parts.stop())
        return {}
      }),
    ),
    backUp: os.backUp.handler(({ input: { path } }) =>
      actions.change('backUp', {}, async () => {
        if (!isAbsolute(path)) throw invalidRequest('The path must be absolute.', 'path')
        // The latest requests wait in memory for a moment.
        parts.log.flush()
        return { path, ...(await parts.store.backUp(path)) }
      }),
    ),
    changes: {
      follow: os.changes.follow.handler(({ signal }) => desk.crossing(changes.follow(signalOf(signal)))),
    },
    settings: {
      get: os.settings.get.handler(() => settings.current),
      rebind: os.settings.rebind.handler(() =>
        actions.change('settings.rebind', {}, async () => {
          const before = parts.status().url
          await parts.rebind()
          const { url, console_url: consoleUrl } = parts.status()
          // Only a page whose address no longer works gets a link, because pages can't create links otherwise.
          const isGone = url !== before && consoleUrl !== undefined
          return { url, page: isGone ? (parts.console?.signInLink().url ?? null) : null }
        }),
      ),
      check: os.settings.check.handler(({ input }) => checkAddress(parts, input)),
      update: os.settings.update.handler(({ input: { confirm, ...changed } }) =>
        actions.change(
          'settings.update',
          { resource: Object.keys(changed).join(','), fields: () => settingsFields(parts) },
          () => {
            const { next } = settings.checked(changed)
            parts.checkNetwork?.({ before: settings.current, next, isTyped: confirm !== undefined })
            return settings.update(changed)
          },
        ),
      ),
    },
    projects: projectHandlers(desk),
    connections: connectionHandlers(desk),
    tokens: tokenHandlers(desk),
    sessions: sessionHandlers(desk),
    requests: requestHandlers(desk),
    approvals: {
      list: os.approvals.list.handler(() => approvals.list()),
      decide: os.approvals.decide.handler(({ input }) =>
        actions.change('approvals.decide', { resource: input.decision }, async () => {
          await approvals.decide(input.id, input.decision)
          return {}
        }),
      ),
    },
    attention: attentionHandlers(desk, attention),
    views: viewHandlers(desk),
    search: os.search.handler(({ input }) => searchNames(parts, input)),
    presets: presetHandlers(desk),
    preferences: preferenceHandlers(desk),
    clients: clientHandlers(desk),
    configuration: {
      export: os.configuration.export.handler(({ input }) => exportConfiguration(parts, input)),
      apply: os.configuration.apply.handler(({ input }) =>
        input.dry_run === true
          ? applyConfiguration(parts, input)
          : actions.change('configuration.apply', { fields: () => allFields(parts) }, () =>
              applyConfiguration(parts, input),
            ),
      ),
    },
    console: {
      signInLink: os.console.signInLink.handler(() =>
        actions.change('console.signInLink', {}, () => {
          return consoleOf(parts).signInLink()
        }),
      ),
      signOutAll: os.console.signOutAll.handler(() =>
        actions.runRevocation('console.signOutAll', {}, () => consoleOf(parts).signOutAll()),
      ),
    },
  })
}

function consoleOf({ console }: OwnerParts): ConsoleEntry {
  if (console !== undefined) return console
  throw new HallpassError(
    'INVALID_REQUEST',
    'The desktop app has no web console. Use its window, or start Hallpass with hallpass serve',
  )
}

export type OwnerRouter = ReturnType<typeof createOwnerRouter>
