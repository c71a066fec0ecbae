import { notifications } from '@mantine/notifications'
import { useState, type ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { RemoveConnection } from '../../features/connections/remove-connection.tsx'
import { EndSession } from '../../features/tokens/end-session.tsx'
import { ExtendToken } from '../../features/tokens/extend-token.tsx'
import { RevokeToken } from '../../features/tokens/revoke-token.tsx'
import { RotateToken } from '../../features/tokens/rotate-token.tsx'
import { usePauseTokens } from '../../features/tokens/use-pause-token.ts'
import { useApi } from '../../lib/api.tsx'
import { formatDuration } from '../../lib/format.ts'
import { useFailure } from '../../ui/failure.tsx'
import type { PaletteAction } from './palette-commands.ts'

/** Returns a function that runs an action, and the dialog that it opened. Actions that end something are confirmed there. */
export function usePaletteAction(): { run: (action: PaletteAction) => void; dialog: ReactNode } {
  const { owner } = useApi()
  const failure = useFailure()
  const pause = usePauseTokens()
  const [dialog, setDialog] = useState<ReactNode>(null)
  const close = (): void => setDialog(null)

  async function runOnSession(id: string): Promise<void> {
    const session = (await owner.sessions.list({})).find((one) => one.id === id)
    if (session !== undefined) setDialog(<EndSession session={session} onClose={close} />)
  }

  async function runOnToken(verb: PaletteAction['verb']['verb'], project: string, name: string): Promise<void> {
    const token = await owner.tokens.get({ project, name })
    if (verb === 'pause' || verb === 'resume') pause([token], verb === 'pause')
    else if (verb === 'extend') setDialog(<ExtendToken token={token} onClose={close} />)
    else if (verb === 'rotate') setDialog(<RotateToken token={token} onClose={close} />)
    else setDialog(<RevokeToken token={token} action="revoke" onClose={close} />)
  }

  async function test(name: string): Promise<void> {
    const { ok, message, latency_ms: latency } = await owner.connections.test({ name })
    notifications.show({
      message: ok ? t`${name}: connected in ${formatDuration(latency)}.` : `${name}: ${message}`,
      color: ok ? 'gray' : 'red',
    })
  }

  async function remove(project: string, name: string): Promise<void> {
    const connection = await owner.connections.get({ name })
    setDialog(<RemoveConnection connection={connection} project={project} opened onClose={close} onRemoved={close} />)
  }

  async function start({ verb, kind, item }: PaletteAction): Promise<void> {
    if (kind === 'session') await runOnSession(item.name)
    else if (verb.verb === 'remove') await remove(item.project ?? '', item.name)
    else if (kind === 'connection') await test(item.name)
    else await runOnToken(verb.verb, item.project ?? '', item.name)
  }

  return { run: (action) => void start(action).catch(failure), dialog }
}
