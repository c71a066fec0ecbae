import { Button, Select } from '@mantine/core'
import { PERMISSIONS } from '../../../../contract/grants.ts'
import type { McpToolRecord } from '../../../../contract/upstreams/mcp-connection.ts'
import { StatusLabel } from '../../../ui/status-label.tsx'
import styles from './details.module.css'

const STATES = { accepted: null, new: 'New', changed: 'Changed', removed: 'Removed by the server' } as const

interface McpToolProps {
  tool: McpToolRecord
  busy: boolean
  onAccept: () => void
  onPermit: (tool: string, permission: McpToolRecord['permission'] | null) => void
}

/** All texts come from the server, so they are shown as plain text. The engine has made hidden characters visible. */
export function McpTool({ tool, busy, onAccept, onPermit }: McpToolProps) {
  const {
    name,
    description,
    permission,
    permission_set_by_owner: byOwner,
    declared_read_only: readOnly,
    state,
    changes,
    problem,
    repaired,
  } = tool
  const label = STATES[state]
  const declared = readOnly ? 'read' : 'write'
  return (
    <article className={styles.tool} aria-label={name}>
      <header>
        <h4 className="hp-mono">{name}</h4>
        {label !== null && <StatusLabel tone="wait">{label}</StatusLabel>}
        {state !== 'removed' && (
          <Select
            size="xs"
            w={172}
            aria-label={`Permission of ${name}`}
            disabled={busy}
            allowDeselect={false}
            value={byOwner ? permission : 'declared'}
            data={[
              { value: 'declared', label: `Default (${declared})` },
              ...PERMISSIONS.map((one) => ({ value: one, label: one })),
            ]}
            onChange={(value) => onPermit(name, PERMISSIONS.find((one) => one === value) ?? null)}
          />
        )}
        {label !== null && (
          <Button size="xs" variant="default" disabled={busy} onClick={onAccept} aria-label={`Accept ${name}`}>
            {state === 'removed' ? 'Remove' : 'Accept'}
          </Button>
        )}
      </header>
      {description !== null && <p className={styles.description}>{description}</p>}
      {problem !== null && <p className={styles.description}>{problem}</p>}
      {repaired.length > 0 && (
        <p className={styles.description}>Repaired so that clients can read the list: {repaired.join(', ')}</p>
      )}
      {changes.map(({ field, before, after }) => (
        <div key={field} className={styles.change}>
          <h5>{field}</h5>
          {before !== null && (
            <pre data-sign="-">
              <span className="hp-hidden">Before: </span>
              {before}
            </pre>
          )}
          {after !== null && (
            <pre data-sign="+">
              <span className="hp-hidden">Now: </span>
              {after}
            </pre>
          )}
        </div>
      ))}
    </article>
  )
}
