import { ActionIcon, Button, Group, SegmentedControl, Text, Tooltip } from '@mantine/core'
import { IconChevronDown, IconChevronUp, IconFilter, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { RequestRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { shellsOf, type Shell } from '../../../lib/curl-command.ts'
import { formatBytes, formatDuration, formatExact, formatNumber } from '../../../lib/format.ts'
import { CopyButton } from '../../../ui/copy-button.tsx'
import { curlText } from './curl-text.ts'
import { likeThis, sameToken, type LogFilter } from '../log-filter.ts'
import styles from '../log.module.css'
import { StatusMark } from '../status-mark.tsx'
import { TokenStatus } from './token-status.tsx'

interface RowPanelProps {
  row: RequestRecord | null | undefined
  id: number
  /** Opens the newer (-1) or older (1) neighbor. */
  onStep: (by: -1 | 1) => void
  onFilter: (filter: LogFilter) => void
  onClose: () => void
}

/** All details of one request, next to the list. */
export function RowPanel({ row, id, onStep, onFilter, onClose }: RowPanelProps) {
  const heading = useId()
  const panel = useRef<HTMLDivElement>(null)
  useEffect(() => panel.current?.focus({ preventScroll: true }), [])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose()
    else if (event.target === panel.current && event.key === 'ArrowDown') onStep(1)
    else if (event.target === panel.current && event.key === 'ArrowUp') onStep(-1)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape closes it wherever the focus is
    <div
      ref={panel}
      role="dialog"
      aria-labelledby={heading}
      tabIndex={-1}
      className={styles.panel}
      onKeyDown={onKeyDown}
    >
      <div className={styles.panelHead}>
        <h2 id={heading} className="hp-mono">
          {row?.method ?? `Request ${id}`}
        </h2>
        <Step label="Newer request" onClick={() => onStep(-1)}>
          <IconChevronUp size={16} />
        </Step>
        <Step label="Older request" onClick={() => onStep(1)}>
          <IconChevronDown size={16} />
        </Step>
        <Step label="Close" onClick={onClose}>
          <IconX size={16} />
        </Step>
      </div>
      <div className={styles.panelBody}>
        {row === null && <Text size="sm">This request is no longer in the log.</Text>}
        {row === undefined && (
          <Text size="sm" c="dimmed">
            Loading…
          </Text>
        )}
        {row !== null && row !== undefined && <Details row={row} onFilter={onFilter} />}
      </div>
    </div>
  )
}

const SHELL_LABELS: Record<Shell, string> = { sh: 'Shell', powershell: 'PowerShell', cmd: 'Command Prompt' }

function Step({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}

function Details({ row, onFilter }: { row: RequestRecord; onFilter: (filter: LogFilter) => void }) {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const shells = shellsOf(navigator.userAgent)
  const [shell, setShell] = useState<Shell>(shells[0])
  const curl = curlText(row, status?.url ?? '', shell)
  const ofToken = sameToken(row)
  return (
    <>
      <dl className={styles.fields}>
        <Field name="Status">
          <StatusMark row={row} />
          {row.code !== null && (
            <>
              {' '}
              <span className="hp-mono">{row.code}</span>
            </>
          )}
        </Field>
        <Field name="Time">
          <time dateTime={row.time} title={row.time}>
            {formatExact(row.time)}
          </time>
        </Field>
        <Field name="Duration">{row.duration_ms === null ? 'Running' : formatDuration(row.duration_ms)}</Field>
        <Field name="Token">
          {row.token_kind === 'owner' ? 'owner' : (row.token ?? 'none')}
          {row.token_kind !== null && row.token_kind !== 'owner' && (
            <Text span c="dimmed" inherit>
              {' '}
              · {row.token_kind}
            </Text>
          )}
        </Field>
        {row.parent !== null && <Field name="Parent token">{row.parent}</Field>}
        {row.token_kind !== 'owner' && (
          <Field name="Token status">
            <TokenStatus row={row} />
          </Field>
        )}
        <Field name="Project">{row.project}</Field>
        <Field name="Connection">{row.connection}</Field>
        <Field name="Resource" mono>
          {row.resource}
        </Field>
        <Field name="Method" mono>
          {row.method}
        </Field>
        <Field name="Records">{formatNumber(row.records)}</Field>
        <Field name="Bytes">
          {formatBytes(row.bytes_in)} in, {formatBytes(row.bytes_out)} out
        </Field>
        <Field name="Client">{row.client}</Field>
        <Field name="Transport" mono>
          {row.transport}
        </Field>
        <Field name="Request ID" mono>
          {row.request_id}
        </Field>
        <Field name="Row" mono>
          {row.id}
        </Field>
      </dl>
      <Group gap={6} mb="md">
        <CopyButton text={() => row.request_id} label="Copy request ID" />
        {ofToken !== null && <Filter onClick={() => onFilter(ofToken)}>Requests with this token</Filter>}
        <Filter onClick={() => onFilter(likeThis(row))}>Similar requests</Filter>
        {row.project !== null && row.token !== null && (
          <Button component={Link} to={`/projects/${row.project}/tokens`} variant="default" size="xs">
            View tokens
          </Button>
        )}
      </Group>
      {curl === null ? (
        <Text size="sm" c="dimmed">
          Owner actions use a private socket, so there is no curl command for them.
        </Text>
      ) : (
        <>
          <Group justify="space-between" mb={6}>
            <Text size="sm" fw={600}>
              Repeat with curl
            </Text>
            <Group gap={6}>
              {shells.length > 1 && (
                <SegmentedControl
                  aria-label="Shell"
                  size="xs"
                  value={shell}
                  onChange={(value) => setShell(value as Shell)}
                  data={shells.map((value) => ({ value, label: SHELL_LABELS[value] }))}
                />
              )}
              <CopyButton text={() => curl.command} label="Copy as curl" />
            </Group>
          </Group>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so it must be focusable */}
          <pre className={styles.code} tabIndex={0} role="region" aria-label="The command">
            {curl.command}
          </pre>
          <Text size="xs" c="dimmed" mt={6}>
            {curl.note}
          </Text>
        </>
      )}
    </>
  )
}

function Field({ name, mono = false, children }: { name: string; mono?: boolean; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={mono ? 'hp-mono' : undefined}>{children ?? <span className={styles.none}>—</span>}</dd>
    </>
  )
}

function Filter({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <Button variant="default" size="xs" leftSection={<IconFilter size={14} />} onClick={onClick}>
      {children}
    </Button>
  )
}
