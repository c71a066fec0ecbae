import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconTerminal2 } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import styles from '../form.module.css'
import { showArgument, visible } from '../../../../../contract/text/visible-text.ts'
import type { ValueRow } from './value-row.ts'

const SOURCES = { keychain: t`the secret`, env: t`environment variable`, file: 'file', plain: t`plain text` } as const

interface RunReviewProps {
  args: readonly string[]
  cwd: string
  env: readonly ValueRow[]
  busy: boolean
  problem: string | null
  onBack: () => void
}

/** Shows the command before its first run, because it runs with all permissions of the user's account. */
export function RunReview({ args, cwd, env, busy, problem, onBack }: RunReviewProps) {
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => first.current?.focus(), [])
  return (
    <Stack gap="md">
      <Alert
        color="amber"
        variant="light"
        icon={<IconTerminal2 size={18} />}
        title={t`Review this command`}
      >{t`It runs on your computer with your permissions. Run it only if you trust where it comes from.`}</Alert>
      <ol className={styles.command} aria-label={t`Command`}>
        {/* oxlint-disable-next-line react/no-array-index-key -- arguments have no ID other than their position */}
        {args.map((word, index) => (
          <li key={index}>
            <code>{showArgument(word)}</code>
          </li>
        ))}
      </ol>
      <dl className={styles.read}>
        <div>
          <dt>{t`Working directory`}</dt>
          <dd>{cwd === '' ? t`Home folder` : visible(cwd)}</dd>
        </div>
        {env.map(({ id, name, source, text }) => (
          <div key={id}>
            <dt>{t`Variable`}</dt>
            <dd>
              {name} = {SOURCES[source]}
              {text === '' ? '' : ` ${visible(text)}`}
            </dd>
          </div>
        ))}
      </dl>
      <Text
        size="sm"
        c="dimmed"
      >{t`Hallpass starts it now to test it, and again whenever one of its tools is called.`}</Text>
      {problem !== null && (
        <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
          {problem}
        </Text>
      )}
      <Group justify="space-between">
        <Button variant="subtle" color="gray" onClick={onBack}>{t`Back`}</Button>
        <Button data-writes ref={first} type="submit" aria-disabled={busy} mod={{ disabled: busy }}>
          {busy ? t`Running…` : t`Run command`}
        </Button>
      </Group>
    </Stack>
  )
}
