import { Button, Group, Text } from '@mantine/core'
import { IconClockPlay } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { rich } from '../../lib/rich.ts'
import { t } from '../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { useSecond } from '../../lib/now.ts'
import { callErrorOf } from '../../lib/call-error.ts'
import { CopyButton } from '../../ui/copying/copy-button.tsx'
import { Ago, Countdown } from '../../ui/instant.tsx'
import { exportCommand } from './export-command.ts'
import type { Sample } from './find-sample.ts'
import { Step } from './step.tsx'
import styles from './welcome.module.css'

interface Minted {
  token: string
  expiresAt: string
  proxyUrl: string
}

/** Done when a script has read the document with a session token. */
export function ScriptStep({ sample: { project, document }, seen }: { sample: Sample; seen: RequestRecord | null }) {
  const { owner, query } = useApi()
  const { data: tables } = useQuery(query.connections.tables.queryOptions({ input: { name: document }, retry: false }))
  const [minted, setMinted] = useState<Minted | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const table = tables?.[0]

  const mint = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const {
        token,
        session,
        proxy_url: proxyUrl,
      } = await owner.sessions.mint({ project, document, permissions: ['read'], label: 'welcome' })
      setMinted({ token, expiresAt: session.expires_at, proxyUrl })
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Step
      number={4}
      title={t`Run a script with a session token`}
      done={seen !== null}
      seen={
        seen !== null && (
          <>{rich`A script called ${seen.method} on ${seen.connection}, ${<Ago instant={seen.time} />}.`}</>
        )
      }
    >
      <p>{t`The token can read ${document} for 5 minutes and nothing else.`}</p>
      <Button
        data-writes
        variant="default"
        size="xs"
        leftSection={<IconClockPlay size={15} />}
        loading={busy}
        disabled={table === undefined}
        onClick={() => void mint()}
      >
        {minted === null ? t`Create session token` : t`Create another`}
      </Button>
      {problem !== null && (
        <Text role="alert" size="sm" mt="xs" style={{ color: 'var(--hp-bad)' }}>
          {problem}
        </Text>
      )}
      {minted !== null && table !== undefined && (
        <MintedCommand minted={minted} table={table} onOver={() => setMinted(null)} />
      )}
    </Step>
  )
}

/** Shows the session token once, inside the command that uses it, until it expires. */
function MintedCommand({ minted, table, onOver: onExpired }: { minted: Minted; table: string; onOver: () => void }) {
  const now = useSecond()
  const { token, expiresAt, proxyUrl } = minted
  const isExpired = Date.parse(expiresAt) <= now
  useEffect(() => {
    if (isExpired) onExpired()
  }, [isExpired, onExpired])
  const command = exportCommand({ proxyUrl, token, table, windows: navigator.userAgent.includes('Windows') })
  return (
    <div className={styles.token}>
      <Text size="sm">{rich`Run this in a terminal, in the Hallpass folder. The token ${<Countdown before={t`expires in`} instant={expiresAt} />}.`}</Text>
      <pre className={styles.command} aria-label={t`Command`}>
        {command}
      </pre>
      <Group gap="xs">
        <CopyButton text={() => command} label={t`Copy command`} token={{ expiresAt }} />
        <CopyButton text={() => token} label={t`Copy token`} token={{ expiresAt }} />
      </Group>
    </div>
  )
}
