import { Button, Checkbox, Group, NumberInput, Radio, Select, Stack, Text, TextInput } from '@mantine/core'
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

const TIMES = [
  { value: '5m', label: t`5 min` },
  { value: '15m', label: t`15 min` },
  { value: '60m', label: t`1 h` },
  { value: 'other', label: t`Other` },
] as const
const MAX_MINUTES = 60

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
  const minutesProblem =
    draft.time !== 'other' || draft.minutes === ''
      ? null
      : minutes > MAX_MINUTES
        ? t`60 minutes at most`
        : minutes < 1
          ? t`At least 1 minute`
          : null
  const incomplete =
    draft.permissions.length === 0 || minutesProblem !== null || (draft.time === 'other' && draft.minutes === '')

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
      <Stack gap="md">
        <Select
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
          label={t`It can`}
          value={draft.permissions}
          onChange={(values) => set({ permissions: PERMISSIONS.filter((one) => values.includes(one)) })}
          error={draft.permissions.length === 0 ? t`Choose at least one permission` : null}
        >
          <Group mt={4}>
            <Checkbox value="read" label={t`Read`} />
            <Checkbox value="write" label={t`Write`} />
            <Checkbox value="schema" label={t`Schema`} />
          </Group>
        </Checkbox.Group>
        {connection !== undefined && (
          <SessionResources
            key={connection.name}
            connection={connection}
            value={draft.resources}
            onChange={(resources) => set({ resources })}
          />
        )}
        <Group gap="md" align="flex-end">
          <Radio.Group label={t`Expires in`} value={draft.time} onChange={(time) => set({ time })}>
            <Group mt={4} gap="sm">
              {TIMES.map(({ value, label }) => (
                <Radio key={value} value={value} label={label} />
              ))}
            </Group>
          </Radio.Group>
          {draft.time === 'other' && (
            <NumberInput
              aria-label={t`Minutes`}
              w={150}
              size="xs"
              suffix=" min"
              min={1}
              allowDecimal={false}
              allowNegative={false}
              value={draft.minutes}
              onChange={(value) => set({ minutes: value })}
              error={minutesProblem}
            />
          )}
        </Group>
        <Group grow align="flex-start">
          <NumberInput
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
            label={t`Label`}
            description={t`Shown in the log, for example import`}
            value={draft.label}
            maxLength={63}
            onChange={(event) => set({ label: event.currentTarget.value })}
          />
        </Group>
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
            type="submit"
            loading={busy}
            disabled={connection === undefined || incomplete}
          >{t`Create session token`}</Button>
        </Group>
      </Stack>
    </form>
  )
}
