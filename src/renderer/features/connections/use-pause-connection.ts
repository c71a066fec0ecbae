import { plural, t } from '../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { useFailure } from '../../ui/failure.tsx'
import { useSaved } from '../../ui/use-saved.tsx'

/** Returns a function that pauses or resumes a connection. It needs no confirmation, because it is undone as quickly. */
export function usePauseConnection(): (connection: ConnectionRecord) => void {
  const { owner } = useApi()
  const saved = useSaved()
  const failure = useFailure()
  return ({ name, revision, paused }) => {
    const set = async (to: boolean, based: number) =>
      owner.connections.update({ name, revision: based, set: { paused: to } })
    set(!paused, revision).then(({ connection, effects }) => {
      const cut =
        effects.requests_cut === 0
          ? ''
          : ` ${t`${plural(effects.requests_cut, '# request', '# requests')} interrupted.`}`
      saved(() => set(paused, connection.revision), `${paused ? t`Resumed ${name}.` : t`Paused ${name}.`}${cut}`)
    }, failure)
  }
}
