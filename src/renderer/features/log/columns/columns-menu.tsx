import { Button, Menu } from '@mantine/core'
import { IconColumns } from '@tabler/icons-react'
import { t } from '../../../../contract/text/translate.ts'
import styles from '../log.module.css'
import { COLUMNS, type ColumnId } from './log-columns.ts'

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
