import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
  type InputWrapperProps,
} from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { PERMISSIONS, type Permission } from '../../../../contract/grants.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { KIND_LABELS } from '../../connections/connection-kinds.ts'
import { isDocument } from '../new/token-draft.ts'
import type { Minted } from './mint-session.tsx'
import { SessionResources } from './session-resources.tsx'
import styles from './session.module.css'
import { minutesProblemOf, SessionTime } from './session-time.tsx'

/** A label on the left and below the field what explains it. */
const FIELD: Pick<InputWrapperProps, 'inputWrapperOrder'> & { classNames: { root: string } } = {
  classNames: { root: styles['field'] ?? '' },
  inputWrapperOrder: ['label', 'input', 'description', 'error'],
}

export interface SessionDraft {
  document: string | null
  permissions: Permission[]
  resources: string[]
  time: string
  /** Minutes, for another time. */
  minutes: number | string
  maxRequests: number | string
  label: string
}

export const EMPTY_SESSION: SessionDraft = {
  document: null,
  permissions: ['read'],
  resources: [],
  time: '5m',
  minutes: '',
  maxRequests: '',
  label: '',
}

interface SessionFormProps {
  project: string
  draft: SessionDraft
  onChange: (draft: SessionDraft) => void
  onMinted: (minted: Minted) => void
  onCancel: () => void
}

export function SessionForm({ project, draft, onChange, onMinted, onCancel }: SessionFormProps) {
  const { query, owner } = useApi()
  const navigate = useNavigate()
  const { data: status } = useQuery(query.status.queryOptions())
  const { data: all } = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  // MCP servers are used with a token, never with a session token.
  const connections = all?.filter(({ kind }) => kind !== 'mcp')
  const connection =
    draft.document === null ? connections?.[0] : connections?.find(({ name }) => name === draft.document)
  // What is edited belongs to the connection that is shown, also if another one comes to be the first.
  const set = (change: Partial<SessionDraft>): void =>
    onChange({ ...draft, document: draft.document ?? connection?.name ?? null, ...change })
  const minutes = Number(draft.minutes)
  const incomplete =
    draft.permissions.length === 0 ||
    minutesProblemOf(draft) !== null ||
    (draft.time === 'other' && draft.minutes === '')

  const mint = async (): Promise<void> => {
    if (connection === undefined || incomplete) return
    setBusy(true)
    setProblem(null)
    try {
      const {
        session,
        token,
        proxy_url: proxyUrl,
      } = await owner.sessions.mint({
        project,
        document: connection.name,
        permissions: draft.permissions,
        ttl: draft.time === 'other' ? `${minutes}m` : draft.time,
        ...(draft.resources.length === 0 ? {} : { resources: draft.resources }),
        ...(draft.label === '' ? {} : { label: draft.label }),
        ...(draft.maxRequests === '' ? {} : { max_requests: Number(draft.maxRequests) }),
      })
      set({ document: connection.name })
      onMinted({
        id: session.id,
        project,
        document: connection.name,
        isDocument: isDocument(connection),
        token,
        expiresAt: session.expires_at,
        proxyUrl,
      })
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    } finally {
      setBusy(false)
    }
  }
  if (connections?.length === 0)
    return (
      <Stack gap="md">
        <Text size="sm">
          {all?.length === 0
            ? t`This project has no connections.`
            : t`This project has only MCP servers. A session token is for a document or an HTTP API.`}
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>{t`Cancel`}</Button>
          <Button
            onClick={() => void navigate({ to: '/projects/$project/connections/new', params: { project } })}
          >{t`Add connection`}</Button>
        </Group>
      </Stack>
    )
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void mint()
      }}
    >
      <div className={styles.fields}>
        <Select
          {...FIELD}
          label={t`Connection`}
          data={connections?.map(({ name }) => name) ?? []}
          value={connection?.name ?? null}
          onChange={(document) => set({ document, resources: [] })}
          searchable
          openOnFocus={false}
          allowDeselect={false}
          data-autofocus
          nothingFoundMessage={t`No results`}
          {...(connection === undefined ? {} : { description: `${KIND_LABELS[connection.kind].label}, ${project}` })}
        />
        <Checkbox.Group
          {...FIELD}
          label={t`It can`}
          value={draft.permissions}
          onChange={(values) => set({ permissions: PERMISSIONS.filter((one) => values.includes(one)) })}
          error={draft.permissions.length === 0 ? t`Choose at least one permission` : null}
        >
          <Group className={styles.choices}>
            <Checkbox value="read" label={t`Read`} />
            <Checkbox value="write" label={t`Write`} />
            <Checkbox value="schema" label={t`Schema`} />
          </Group>
        </Checkbox.Group>
        {connection !== undefined && (
          <SessionResources
            key={connection.name}
            field={FIELD}
            connection={connection}
            value={draft.resources}
            onChange={(resources) => set({ resources })}
          />
        )}
        <SessionTime field={FIELD} draft={draft} onChange={set} />
        <NumberInput
          {...FIELD}
          wrapperProps={{ 'data-half': 'first' }}
          label={t`At most`}
          description={t`Requests. Leave empty for any number.`}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          value={draft.maxRequests}
          onChange={(value) => set({ maxRequests: value })}
        />
        <TextInput
          {...FIELD}
          wrapperProps={{ 'data-half': 'second' }}
          label={t`Label`}
          description={t`Shown in the log, for example import`}
          value={draft.label}
          maxLength={63}
          onChange={(event) => set({ label: event.currentTarget.value })}
        />
        {status?.paused === true && (
          <Text size="sm" style={{ color: 'var(--hp-wait)' }}>{t`Access is paused, but its time keeps running.`}</Text>
        )}
        {problem !== null && (
          <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
            {problem}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>{t`Cancel`}</Button>
          <Button
            data-writes
            type="submit"
            loading={busy}
            disabled={connection === undefined || incomplete}
          >{t`Create session token`}</Button>
        </Group>
      </div>
    </form>
  )
}
