import { plural, t } from '../../../../../contract/text/translate.ts'
import type { useApi } from '../../../../lib/api.tsx'
import { permitText } from '../grant-text.ts'

type Preview = Awaited<ReturnType<ReturnType<typeof useApi>['owner']['tokens']['previewUpdate']>>
type Permits = Preview['removed']

/** More would hide the rest of the effects. The lines above name each of them. */
const NAMED_PERMITS = 3

/** Returns what an update does to session tokens, running requests and MCP clients, as sentences. */
export function updateEffects(preview: Preview): string[] {
  const { sessions_narrowed: narrowed, sessions_ended: ended, requests_cut: cut, clients } = preview
  const byLoss = Map.groupBy(narrowed, ({ lost }) => lossText(lost))
  return [
    ...[...byLoss].map(
      ([lost, sessions]) => t`${plural(sessions.length, '# session token loses', '# session tokens lose')} ${lost}.`,
    ),
    ...(ended.length > 0
      ? [
          t`${plural(ended.length, '# session token has nothing left and ends.', '# session tokens have nothing left and end.')}`,
        ]
      : []),
    ...(cut > 0 ? [t`${plural(cut, '# request is', '# requests are')} interrupted.`] : []),
    ...clients.map(({ client, tools_added: added, tools_removed: removed }) => {
      if (removed === 0) return t`${client} gains ${plural(added, '# tool', '# tools')}.`
      if (added === 0) return t`${client} loses ${plural(removed, '# tool', '# tools')}.`
      return t`${client} gains ${plural(added, '# tool', '# tools')} and loses ${plural(removed, '# tool', '# tools')}.`
    }),
  ]
}

function lossText(lost: Permits): string {
  const named = lost.slice(0, NAMED_PERMITS).map(permitText).join(', ')
  const more = lost.length - NAMED_PERMITS
  return more > 0 ? t`${named} and ${plural(more, '# more permission', '# more permissions')}` : named
}
