import { Button, Menu } from '@mantine/core'
import { IconColumns } from '@tabler/icons-react'
import { useMemo } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { useTablePreference } from '../../../ui/table/use-table-preference.ts'
import styles from '../log.module.css'
import { chosenColumns, COLUMNS, type ColumnId } from './log-columns.ts'

interface ColumnsMenuProps {
  columns: readonly ColumnId[]
  allProjects: boolean
  onChange: (columns: ColumnId[]) => void
}

/** Chooses which columns the log shows. */
export function ColumnsMenu({ columns, allProjects, onChange }: ColumnsMenuProps) {
  return (
    <Menu position="bottom-end" width={180} closeOnItemClick={false}>
      <Menu.Target>
        <Button
          className={styles.fold}
          size="xs"
          variant="default"
          leftSection={<IconColumns size={14} />}
          aria-label={t`Columns`}
          title={t`Columns`}
        >
          <span className={styles.word}>{t`Columns`}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {COLUMNS.filter((column) => !('fixed' in column) && (allProjects || column.id !== 'project')).map(
          ({ id, label }) => (
            <Menu.CheckboxItem
              key={id}
              checked={columns.includes(id)}
              onChange={(shown) =>
                onChange(
                  COLUMNS.map((column) => column.id).filter((one) => (one === id ? shown : columns.includes(one))),
                )
              }
            >
              {label}
            </Menu.CheckboxItem>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

/**
 * Returns the log's columns, and a function that remembers others. An address that names columns, such as that of a saved
 * view, shows those.
 */
export function useColumns(named: string | undefined): [ColumnId[], (columns: ColumnId[]) => void] {
  const [remembered, remember] = useTablePreference('columns', 'log')
  const columns = useMemo(() => chosenColumns(named === undefined ? remembered : named.split(',')), [named, remembered])
  return [columns, remember]
}
