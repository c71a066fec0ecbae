import { Checkbox, Paper, Select, Stack, TagsInput, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ROLES, type Grant, type Role } from '../../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { KIND_LABELS } from '../../connections/connection-kinds.ts'
import { roleOf } from '../grant-summary.ts'

const NARROWING = {
  grist: { list: 'tables', label: 'Limit to tables', placeholder: 'Orders' },
  sqlite: { list: 'tables', label: 'Limit to tables', placeholder: 'Orders' },
  http: { list: 'paths', label: 'Limit to paths', placeholder: '/listings/*' },
  mcp: { list: 'tools', label: 'Limit to tools', placeholder: 'search_*' },
} as const satisfies Record<
  ConnectionRecord['kind'],
  { list: 'tables' | 'tools' | 'paths'; label: string; placeholder: string }
>

const ROLE_LABELS: Record<Role, string> = {
  viewer: 'Viewer (read)',
  editor: 'Editor (read, write)',
  admin: 'Admin (read, write, schema)',
}
const OTHER_ADMIN = 'Admin (read, write, schema)'

/**
 * Access of a token to one connection, or `null` for none. An empty list is still being entered and doesn't limit
 * anything yet.
 */
export function GrantEditor({
  connection,
  grant,
  onChange,
}: {
  connection: ConnectionRecord
  grant: Grant | null
  onChange: (grant: Grant | null) => void
}) {
  const { list, label, placeholder } = NARROWING[connection.kind]
  const isDocument = list === 'tables'
  const narrowed = grant?.[list]
  const role = grant === null ? 'none' : (roleOf(grant.permissions) ?? 'none')
  const choose = (chosen: string | null): void => {
    if (chosen === null || chosen === 'none') onChange(null)
    else onChange({ ...(grant ?? { connection: connection.name }), permissions: [...ROLES[chosen as Role]] })
  }
  const limitTo = (names: string[] | undefined): void => {
    if (grant === null) return
    const { [list]: _dropped, ...whole } = grant
    onChange(names === undefined ? whole : { ...whole, [list]: names })
  }
  return (
    <Paper withBorder p="sm" radius="md">
      <Stack gap="xs">
        <Select
          label={
            <>
              {connection.name}{' '}
              <Text span size="xs" c="dimmed">
                {KIND_LABELS[connection.kind].label}
              </Text>
            </>
          }
          data={[
            { value: 'none', label: 'No access' },
            { value: 'viewer', label: ROLE_LABELS.viewer },
            { value: 'editor', label: ROLE_LABELS.editor },
            { value: 'admin', label: isDocument ? ROLE_LABELS.admin : OTHER_ADMIN },
          ]}
          value={role}
          onChange={choose}
          allowDeselect={false}
        />
        {grant !== null && (
          <Checkbox
            size="sm"
            label={label}
            checked={narrowed !== undefined}
            onChange={(event) => limitTo(event.currentTarget.checked ? [] : undefined)}
          />
        )}
        {grant !== null &&
          narrowed !== undefined &&
          (isDocument ? (
            <TableNames connection={connection.name} value={narrowed} onChange={limitTo} />
          ) : (
            <TagsInput
              aria-label={`${label} of ${connection.name}`}
              placeholder={placeholder}
              value={narrowed}
              onChange={limitTo}
              acceptValueOnBlur
              error={emptyProblem(narrowed)}
            />
          ))}
      </Stack>
    </Paper>
  )
}

/** Loads the document's tables only when they are to be chosen. If that fails, names can still be typed. */
function TableNames({
  connection,
  value,
  onChange,
}: {
  connection: string
  value: string[]
  onChange: (value: string[]) => void
}) {
  const { query } = useApi()
  const { data, isError } = useQuery(
    query.connections.tables.queryOptions({ input: { name: connection }, retry: false }),
  )
  return (
    <TagsInput
      aria-label={`Tables of ${connection}`}
      placeholder="Choose or type a table"
      data={data ?? []}
      value={value}
      onChange={onChange}
      acceptValueOnBlur
      error={emptyProblem(value)}
      description={isError ? "Couldn't load the tables. Enter their names." : undefined}
    />
  )
}

function emptyProblem(list: readonly string[]): string | null {
  return list.length === 0 ? 'Enter at least one, or clear the checkbox' : null
}
