import { Alert, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rich } from '../../../lib/rich.ts'
import { plural, t } from '../../../../contract/text/translate.ts'
import type { HttpDetails as Details } from '../../../../contract/upstreams/http-connection.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { OperationList } from '../operation-list.tsx'
import styles from './details.module.css'

export function HttpDetails({ name }: { name: string }) {
  const { query } = useApi()
  const { data: details, error } = useQuery(query.connections.http.queryOptions({ input: { name }, retry: false }))
  if (error !== null)
    return (
      <Text role="alert" style={{ color: 'var(--hp-bad)' }}>
        {callErrorOf(error).sentence}
      </Text>
    )
  if (details === undefined) return <Skeleton height={160} />
  const { base, auth, rules, timeout_ms: timeout, concurrency, health_path: healthPath, openapi } = details
  const allowed = [
    ...(details.proxy === 'system' ? [t`the system's proxy`] : []),
    ...(details.allow_encoded_slash ? [t`encoded slashes in paths`] : []),
    ...(details.allow_range ? [t`parts of files (Range)`] : []),
  ]
  return (
    <Stack gap="lg">
      <dl className={styles.facts}>
        <div>
          <dt>{t`Base URL`}</dt>
          <dd className="hp-mono">{base}</dd>
        </div>
        <div>
          <dt>{t`Authentication`}</dt>
          <dd>{auth}</dd>
        </div>
        <div>
          <dt>{t`Test path`}</dt>
          <dd className="hp-mono">{healthPath ?? '—'}</dd>
        </div>
        <div>
          <dt>{t`Limits`}</dt>
          <dd>
            {t`${plural(concurrency, '# concurrent request', '# concurrent requests')}, timeout ${timeout / 1000} s`}
          </dd>
        </div>
        {allowed.length > 0 && (
          <div>
            <dt>{t`Allowed`}</dt>
            <dd>{allowed.join(', ')}</dd>
          </div>
        )}
      </dl>
      <section aria-labelledby="http-rules">
        <Title order={3} size="h5" id="http-rules" mb={6}>{t`Rules`}</Title>
        {rules.length === 0 && (
          <Text
            size="sm"
            c="dimmed"
          >{t`No rules. GET, HEAD and OPTIONS need read, all other methods need write.`}</Text>
        )}
        {rules.length > 0 && (
          <ol className={styles.rules}>
            {/* oxlint-disable-next-line react/no-array-index-key -- rules have no ID other than their position */}
            {rules.map(({ methods, path, permission }, index) => (
              <li key={index}>
                {rich`${(
                  <span className="hp-mono">
                    {methods?.join(', ') ?? t`any`} {path}
                  </span>
                )} needs ${<b>{permission}</b>}`}
              </li>
            ))}
          </ol>
        )}
      </section>
      {openapi === null ? (
        <Text
          size="sm"
          c="dimmed"
        >{t`No OpenAPI document. Scripts can call this API with session tokens, but agents have no tools for it.`}</Text>
      ) : (
        <Operations
          key={openapi.operations.map(({ id, chosen }) => `${id}${chosen}`).join()}
          name={name}
          openapi={openapi}
        />
      )}
    </Stack>
  )
}

/** The selection of operations is a draft until it is saved. */
function Operations({ name, openapi }: { name: string; openapi: NonNullable<Details['openapi']> }) {
  const { owner } = useApi()
  const selected = openapi.operations.filter(({ chosen }) => chosen).map(({ id }) => id)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(selected))
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<{ ok: boolean; sentence: string } | null>(null)
  const changed = chosen.size !== selected.length || selected.some((id) => !chosen.has(id))
  const source = openapi.source === 'text' ? t`Pasted as text` : openapi.source
  const refresh = async (operations?: string[]): Promise<void> => {
    setBusy(true)
    setOutcome(null)
    try {
      const {
        added,
        removed,
        changed: altered,
      } = await owner.connections.refreshOpenapi({ name, ...(operations === undefined ? {} : { operations }) })
      const parts = [
        [t`added`, added],
        [t`removed`, removed],
        [t`changed`, altered],
      ] as const
      const changes = parts
        .filter(([, ids]) => ids.length > 0)
        .map(([outcome, ids]) => `${ids.length} ${outcome}: ${ids.slice(0, 4).join(', ')}${ids.length > 4 ? ' …' : ''}`)
      setOutcome({ ok: true, sentence: changes.length === 0 ? t`No changes` : `${changes.join('. ')}.` })
    } catch (thrown) {
      setOutcome({ ok: false, sentence: callErrorOf(thrown).sentence })
    } finally {
      setBusy(false)
    }
  }
  return (
    <section aria-labelledby="http-operations">
      <Title order={3} size="h5" id="http-operations">
        {openapi.title} {openapi.version}
      </Title>
      <Text size="xs" c="dimmed" mb="xs">
        {openapi.tags.length > 0 ? t`${source}. Selected tags: ${openapi.tags.join(', ')}` : source}
      </Text>
      <OperationList operations={openapi.operations} chosen={chosen} onChange={setChosen} />
      <div role="status">
        {outcome !== null && (
          <Alert mt="xs" variant="light" color={outcome.ok ? 'gray' : 'red'}>
            {outcome.sentence}
          </Alert>
        )}
      </div>
      <Group gap="xs" mt="sm">
        <Button
          data-writes
          size="xs"
          disabled={!changed}
          loading={busy}
          onClick={() => void refresh([...chosen])}
        >{t`Save selection`}</Button>
        {openapi.source !== 'text' && (
          <Button
            data-writes
            size="xs"
            variant="default"
            loading={busy}
            onClick={() => void refresh()}
          >{t`Reload document`}</Button>
        )}
      </Group>
    </section>
  )
}
