import { Button } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { t } from '../../contract/text/translate.ts'
import type { EngineLink } from '../../contract/desktop/desktop-api.ts'
import { useApi } from '../lib/api.tsx'
import type { ShellClient } from '../lib/engine-client.ts'
import { useLink } from '../lib/live.tsx'
import styles from './shell.module.css'

/** Shows that the engine is gone and what happens next. The screen keeps its content. */
export function LinkBanner() {
  const { shell } = useApi()
  const link = useLink()
  const engine = useEngineLink(shell)
  const lost = link.state === 'lost' || engine?.state === 'lost'
  if (!lost) return null
  const message = engine?.message ?? (link.state === 'lost' ? link.message : '')
  return (
    <div className={styles.banner} role="status">
      <IconPlugConnectedX size={16} aria-hidden />
      <span>{message}</span>
      {shell !== null && (
        <Button
          size="compact-xs"
          variant="default"
          ml="auto"
          onClick={() => void shell.link.retry().catch(() => undefined)}
        >{t`Reconnect`}</Button>
      )}
    </div>
  )
}

function useEngineLink(shell: ShellClient | null): EngineLink | null {
  const [engine, setEngine] = useState<EngineLink | null>(null)
  useEffect(() => {
    if (shell === null) return
    const leaving = new AbortController()
    const follow = async (): Promise<void> => {
      for await (const state of await shell.link.follow(undefined, { signal: leaving.signal })) setEngine(state)
    }
    // The port lives as long as the window, so a failure has nobody to be shown to.
    follow().catch(() => undefined)
    return () => leaving.abort()
  }, [shell])
  return engine
}
