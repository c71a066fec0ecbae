import { Button, Select } from '@mantine/core'
import { t } from '../../../../../contract/text/translate.ts'
import { PERMISSIONS } from '../../../../../contract/grants.ts'
import type { McpToolRecord } from '../../../../../contract/upstreams/mcp-connection.ts'
import { StatusLabel } from '../../../../ui/status-label.tsx'
import { FlaggedText } from './flagged-text.tsx'
import { warningText } from './tool-lists.ts'
import styles from './tools.module.css'

interface ToolDetailProps {
  tool: McpToolRecord
  busy: boolean
  onAccept: () => void
  onReject: () => void
  onPermit: (permission: McpToolRecord['permission'] | null) => void
}

/** All texts come from the server, so they are shown as plain text. The engine has made hidden characters visible. */
export function ToolDetail({ tool, busy, onAccept, onReject, onPermit }: ToolDetailProps) {
  const { name, description, permission, permission_set_by_owner: byOwner, declared_read_only: readOnly } = tool
  const { state, changes, flags, problem, repaired } = tool
  const open = state === 'new' || state === 'changed' || state === 'removed'
  const isDescribed = changes.some(({ field }) => field === 'description')
  const flagsOf = (field: string) => flags.filter((flag) => flag.field === field)
  return (
    <article className={styles.detail} aria-label={name}>
      <header>
        <h2 className="hp-mono">{name}</h2>
        {state !== 'removed' && (
          <Select
            data-writes
            size="xs"
            w={230}
            label={t`Takes`}
            aria-label={t`Permission of ${name}`}
            classNames={{ root: styles.takes ?? '' }}
            disabled={busy}
            allowDeselect={false}
            value={byOwner ? permission : 'declared'}
            data={[
              { value: 'declared', label: t`As declared: ${readOnly ? t`read` : t`write`}` },
              ...PERMISSIONS.map((one) => ({ value: one, label: one })),
            ]}
            onChange={(value) => onPermit(PERMISSIONS.find((one) => one === value) ?? null)}
          />
        )}
      </header>
      {/* The texts can be long, so the part between head and buttons scrolls. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.texts} tabIndex={0} role="region" aria-label={t`Texts of ${name}`}>
        {flags.length > 0 && <StatusLabel tone="bad">{warningText(flags)}</StatusLabel>}
        {state === 'removed' && <p>{t`The server no longer lists this tool.`}</p>}
        {!isDescribed && description !== null && (
          <p className={styles.description}>
            <FlaggedText text={description} flags={flagsOf('description')} />
          </p>
        )}
        {problem !== null && <p className={styles.description}>{problem}</p>}
        {repaired.length > 0 && (
          <p className={styles.description}>{t`Repaired so that clients can read the list: ${repaired.join(', ')}`}</p>
        )}
        {changes.map(({ field, before, after }) => (
          <div key={field} className={styles.change}>
            <h3>{field}</h3>
            {before !== null && (
              <pre data-sign="-">
                <b>{t`before`} </b>
                {before}
              </pre>
            )}
            {after !== null && (
              <pre data-sign="+">
                {before !== null && <b>{t`now`} </b>}
                <FlaggedText text={after} flags={flagsOf(field)} />
              </pre>
            )}
          </div>
        ))}
      </div>
      {(open || state === 'rejected') && (
        <footer>
          {state !== 'removed' && state !== 'rejected' && (
            <Button
              data-writes
              size="xs"
              variant="default"
              disabled={busy}
              onClick={onReject}
              aria-label={t`Reject ${name}`}
            >{t`Reject`}</Button>
          )}
          <Button
            data-writes
            size="xs"
            variant="default"
            disabled={busy}
            onClick={onAccept}
            aria-label={t`Accept ${name}`}
          >
            {state === 'removed' ? t`Remove from list` : t`Accept`}
          </Button>
        </footer>
      )}
    </article>
  )
}
