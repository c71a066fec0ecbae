import { ActionIcon, Button, Group, Menu, Stack, TextInput } from '@mantine/core'
import { IconBookmark, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import type { LogView } from '../../../../contract/owner-api/views-api.ts'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { useNamedChanges } from '../../../ui/editing/use-named-changes.ts'
import { useFailure } from '../../../ui/failure.tsx'
import { COLUMNS, type ColumnId } from '../columns/log-columns.ts'
import { FILTER_PARTS, isNarrowed, type LogFilter } from '../log-filter.ts'
import { Dialog } from '../../../ui/dialog.tsx'

interface ViewsMenuProps {
  project: string | undefined
  filter: LogFilter
  columns: readonly ColumnId[]
}

/** Saved filters of the log, with their columns: opens one, saves the present one, deletes one. */
export function ViewsMenu({ project, filter, columns }: ViewsMenuProps) {
  const { owner, query } = useApi()
  const navigate = useNavigate()
  const [saving, setSaving] = useState(false)
  const { data: views } = useQuery(query.views.list.queryOptions())
  const { save, remove } = useNamedChanges<LogView>(owner.views, {
    saved: (name) => t`Saved view ${name}`,
    deleted: (name) => t`Deleted view ${name}`,
  })
  const shown = views?.find((view) => view.project === (project ?? null) && isSameFilter(view.filter, filter))
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconBookmark size={14} />}>
            {shown === undefined ? t`Views` : t`Views: ${shown.name}`}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views?.map((view) => (
            <Menu.Item
              key={view.name}
              onClick={() =>
                void (view.project === null
                  ? navigate({ to: '/log', search: view.filter })
                  : navigate({
                      to: '/projects/$project/log',
                      params: { project: view.project },
                      search: view.filter,
                    }))
              }
            >
              {view.name}
            </Menu.Item>
          ))}
          {views !== undefined && views.length > 0 && <Menu.Divider />}
          <Menu.Item
            disabled={!isNarrowed(filter) && columns.length === COLUMNS.length}
            onClick={() => setSaving(true)}
          >{t`Save view…`}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Dialog opened={saving} onClose={() => setSaving(false)} title={t`Save view`}>
        {saving && (
          <SaveView
            onSave={async (name) => {
              const parts = FILTER_PARTS.flatMap((part) => {
                const value = filter[part] ?? ''
                return value === '' ? [] : [[part, value] as const]
              })
              await save({
                name,
                project: project ?? null,
                filter: { ...Object.fromEntries(parts), columns: columns.join(',') },
              })
              setSaving(false)
            }}
          />
        )}
        {views !== undefined && views.length > 0 && (
          <Stack gap={4} mt="md" role="list" aria-label={t`Saved views`}>
            {views.map((view) => (
              <Group key={view.name} justify="space-between" role="listitem">
                {view.name}
                <ActionIcon
                  data-writes
                  variant="subtle"
                  color="gray"
                  aria-label={t`Delete view ${view.name}`}
                  onClick={() => remove(view)}
                >
                  <IconTrash size={15} />
                </ActionIcon>
              </Group>
            ))}
          </Stack>
        )}
      </Dialog>
    </>
  )
}

function isSameFilter(saved: LogFilter, filter: LogFilter): boolean {
  return FILTER_PARTS.every((part) => (saved[part] ?? '') === (filter[part] ?? ''))
}

function SaveView({ onSave }: { onSave: (name: string) => Promise<void> }) {
  const failure = useFailure()
  const [name, setName] = useState('')
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (name.trim() !== '') onSave(name.trim()).catch(failure)
      }}
    >
      <TextInput
        label={t`Name`}
        description={t`A view with the same name is replaced.`}
        maxLength={60}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button data-writes type="submit" mt="md" disabled={name.trim() === ''}>{t`Save view`}</Button>
    </form>
  )
}
