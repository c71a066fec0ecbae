import { ActionIcon, Text, Tooltip } from '@mantine/core'
import { IconChevronDown, IconChevronUp, IconMaximize, IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import type { LogFilter } from '../log-filter.ts'
import styles from '../log.module.css'
import { RequestDetails } from './request-details.tsx'
import { requestTitle } from './request-title.ts'

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
    else if (event.target === panel.current && ['ArrowDown', 'PageDown', ']'].includes(event.key)) onStep(1)
    else if (event.target === panel.current && ['ArrowUp', 'PageUp', '['].includes(event.key)) onStep(-1)
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
          {row === null || row === undefined ? t`Request ${id}` : requestTitle(row)}
        </h2>
        <Step label={t`Newer request`} onClick={() => onStep(-1)}>
          <IconChevronUp size={16} />
        </Step>
        <Step label={t`Older request`} onClick={() => onStep(1)}>
          <IconChevronDown size={16} />
        </Step>
        <Tooltip label={t`Open as a page`}>
          <ActionIcon
            component={Link}
            to={`/requests/${id}`}
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t`Open as a page`}
          >
            <IconMaximize size={15} />
          </ActionIcon>
        </Tooltip>
        <Step label={t`Close`} onClick={onClose}>
          <IconX size={16} />
        </Step>
      </div>
      <div className={styles.panelBody}>
        {row === null && <Text size="sm">{t`This request is no longer in the log.`}</Text>}
        {row === undefined && <Text size="sm" c="dimmed">{t`Loading…`}</Text>}
        {row !== null && row !== undefined && <RequestDetails key={row.id} row={row} onFilter={onFilter} level={3} />}
      </div>
    </div>
  )
}

function Step({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}
