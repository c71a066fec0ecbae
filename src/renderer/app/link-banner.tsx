import { Button } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { t } from '../../contract/text/translate.ts'
import type { EngineLink } from '../../contract/desktop/desktop-api.ts'
import { useApi } from '../lib/api.tsx'
import type { ShellClient } from '../lib/engine-client.ts'
import { formatClock } from '../lib/format.ts'
import { useLink } from '../lib/live.tsx'
import { useSecond } from '../lib/now.ts'
import styles from './shell.module.css'
import { useWritesOff, WHY_OFF_ID } from './use-writes-off.ts'

const WHY_OFF = t`Not available while Hallpass isn't answering.`

/**
 * Says that the engine doesn't answer, when the page tries again, and how old its content is. The screen keeps its content,
 * and its controls that write are off.
 */
export function LinkBanner() {
  const { shell } = useApi()
  const link = useLink()
  const engine = useEngineLink(shell)
  const lost = link.state === 'lost' ? link : null
  const isLost = lost !== null || engine?.state === 'lost'
  useWritesOff(isLost, WHY_OFF)
  if (!isLost) return null
  // The app starts the engine itself, and knows why it doesn't run.
  const retryAt = engine?.state === 'lost' ? timeOf(engine.retry_at) : (lost?.retryAt ?? null)
  const retry = (): void => {
    if (shell !== null) void shell.link.retry().catch(() => undefined)
    lost?.retry()
  }
  return (
    <div className={styles.banner} role="status">
      <IconPlugConnectedX size={16} aria-hidden />
      <span>
        {engine?.message ?? t`Hallpass isn't answering.`} <RetryTime at={retryAt} />{' '}
        <ContentTime at={lost?.liveUntil ?? null} />
      </span>
      <Button size="compact-xs" variant="default" ml="auto" onClick={retry}>{t`Try now`}</Button>
      <span id={WHY_OFF_ID} hidden>
        {WHY_OFF}
      </span>
    </div>
  )
}

/** The seconds tick in sight only: a screen reader would read them all. */
function RetryTime({ at }: { at: number | null }) {
  const now = useSecond()
  if (at === null) return null
  const seconds = Math.max(1, Math.ceil((at - now) / 1000))
  return <span aria-hidden>{t`Trying again in ${seconds} s.`}</span>
}

function ContentTime({ at }: { at: number | null }) {
  return at === null ? null : <>{t`As of ${formatClock(new Date(at).toISOString())}.`}</>
}

function timeOf(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant)
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
