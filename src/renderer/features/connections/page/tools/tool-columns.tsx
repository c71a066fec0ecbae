import { Checkbox, Switch } from '@mantine/core'
import { plural, t } from '../../../../../contract/text/translate.ts'
import type { McpToolRecord } from '../../../../../contract/upstreams/mcp-connection.ts'
import { StatusLabel } from '../../../../ui/status-label.tsx'
import type { Column } from '../../../../ui/table/data-table.tsx'
import type { ToolList } from './tool-lists.ts'
import styles from './tools.module.css'

const STATES = {
  accepted: null,
  new: t`New`,
  changed: t`Changed`,
  removed: t`Removed by server`,
  rejected: t`Rejected`,
} as const
const STATE_ORDER = { changed: 0, new: 1, removed: 2, accepted: 3, rejected: 4 } as const

interface ColumnParts {
  list: ToolList
  selected: ReadonlySet<string>
  /** The tool that is shown beside the list. Tab reaches no other tool's switch, as arrow keys walk the list. */
  current: string | null
  onToggle: (name: string) => void
  onSwitch: (tool: McpToolRecord, on: boolean) => void
}

export function toolColumns({ list, selected, current, onToggle, onSwitch }: ColumnParts): Column<McpToolRecord>[] {
  return [
    {
      id: 'select',
      label: t`Selected`,
      width: '20px',
      quiet: true,
      cell: ({ name }) => (
        <Checkbox
          size="xs"
          tabIndex={-1}
          aria-label={t`Select ${name}`}
          checked={selected.has(name)}
          onChange={() => onToggle(name)}
        />
      ),
    },
    {
      id: 'name',
      label: t`Tool`,
      width: 'minmax(120px, 1fr)',
      order: ({ name, state }) => `${STATE_ORDER[state]} ${name}`,
      cell: ({ name, flags }) => (
        <div className={styles.name}>
          <span className="hp-mono" title={name}>
            {name}
          </span>
          {flags.length > 0 && list !== 'on' && (
            <StatusLabel tone="bad">{t`${plural(flags.length, '# warning', '# warnings')}`}</StatusLabel>
          )}
        </div>
      ),
    },
    ...(list === 'on' || list === 'off'
      ? [
          {
            id: 'permission',
            label: t`Takes`,
            width: '64px',
            cell: ({ permission }: McpToolRecord) => permission,
          },
          {
            id: 'on',
            label: t`On`,
            width: '48px',
            cell: (tool: McpToolRecord) => (
              <Switch
                data-writes
                size="xs"
                tabIndex={tool.name === current ? 0 : -1}
                aria-label={t`${tool.name} is on`}
                checked={tool.enabled}
                onChange={(event) => onSwitch(tool, event.currentTarget.checked)}
              />
            ),
          },
        ]
      : [
          {
            id: 'state',
            label: t`State`,
            width: '144px',
            cell: ({ state }: McpToolRecord) => (
              <StatusLabel tone={state === 'rejected' ? 'none' : 'wait'}>{STATES[state]}</StatusLabel>
            ),
          },
        ]),
  ]
}
