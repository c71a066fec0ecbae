import { ActionIcon, Button, Group, Input, Select, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useId } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import { PERMISSIONS, type Permission } from '../../../../../contract/grants.ts'
import { HTTP_METHODS, type HttpMethod } from '../../../../../contract/upstreams/http-connection.ts'
import type { RuleRow } from './http-values.ts'

interface RuleRowsProps {
  rows: readonly RuleRow[]
  onChange: (rows: RuleRow[]) => void
  error: string | null
}

/** Rows that map requests to permissions. The first match decides. */
export function RuleRows({ rows, onChange, error }: RuleRowsProps) {
  const heading = useId()
  const set = (row: RuleRow): void => onChange(rows.map((one) => (one.id === row.id ? row : one)))
  const add = (): void =>
    onChange([
      ...rows,
      { id: 1 + Math.max(0, ...rows.map(({ id }) => id)), method: 'any', path: '/', permission: 'schema' },
    ])
  return (
    <Stack gap={6} role="group" aria-labelledby={heading}>
      <div>
        <Input.Label component="div" id={heading}>{t`Rules`}</Input.Label>
        <Input.Description>{t`The first matching rule sets the permission that a request needs. Otherwise GET, HEAD and OPTIONS need read, and all other methods need write.`}</Input.Description>
      </div>
      {rows.map((row, index) => (
        <Group key={row.id} gap={6} wrap="nowrap">
          <Select
            size="xs"
            w={104}
            aria-label={t`Method of rule ${index + 1}`}
            data={['any', ...HTTP_METHODS]}
            value={row.method}
            allowDeselect={false}
            onChange={(method) => set({ ...row, method: (method ?? 'any') as HttpMethod | 'any' })}
          />
          <TextInput
            flex={1}
            size="xs"
            aria-label={t`Path of rule ${index + 1}`}
            placeholder="/admin/*"
            value={row.path}
            classNames={{ input: 'hp-mono' }}
            spellCheck={false}
            onChange={(event) => set({ ...row, path: event.currentTarget.value })}
          />
          <Select
            size="xs"
            w={104}
            aria-label={t`Permission of rule ${index + 1}`}
            data={[...PERMISSIONS]}
            value={row.permission}
            allowDeselect={false}
            onChange={(permission) => set({ ...row, permission: (permission ?? 'write') as Permission })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={30}
            aria-label={t`Remove rule ${index + 1}`}
            onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
          >
            <IconX size={15} />
          </ActionIcon>
        </Group>
      ))}
      {error !== null && <Input.Error role="alert">{error}</Input.Error>}
      <Group>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={13} />}
          onClick={add}
        >{t`Add rule`}</Button>
      </Group>
    </Stack>
  )
}
