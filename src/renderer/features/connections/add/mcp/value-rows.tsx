import { ActionIcon, Button, Group, Input, Select, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useId } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import { rowProblem, newRow, type ValueRow, type ValueSource } from './value-row.ts'

interface ValueRowsProps {
  /** "Headers" */
  label: string
  description: string
  /** Name of one row: "header". */
  noun: 'variable' | 'header'
  placeholder: string
  rows: readonly ValueRow[]
  onChange: (rows: ValueRow[]) => void
  error: string | null
  /** Shows what is wrong with each row. Set after an attempt to submit. */
  tried: boolean
}

const WAYS: { value: ValueSource; label: string }[] = [
  { value: 'keychain', label: t`Secret` },
  { value: 'env', label: t`Environment variable` },
  { value: 'file', label: t`File` },
  { value: 'plain', label: t`Plain text` },
]
const PLACEHOLDERS = { keychain: '', env: 'API_TOKEN', file: '/run/secrets/token', plain: t`not secret` } as const

/** Headers or environment variables, each with the source of its value. Secrets are not entered here. */
export function ValueRows({ label, description, noun, placeholder, rows, onChange, error, tried }: ValueRowsProps) {
  const heading = useId()
  const set = (row: ValueRow): void => onChange(rows.map((one) => (one.id === row.id ? row : one)))
  return (
    <Stack gap={6} role="group" aria-labelledby={heading}>
      <div>
        <Input.Label component="div" id={heading}>
          {label}
        </Input.Label>
        <Input.Description>{description}</Input.Description>
      </div>
      {rows.map((row, index) => {
        const problem = tried || row.touched ? rowProblem(row, noun) : null
        const which = noun === 'header' ? t`header ${index + 1}` : t`variable ${index + 1}`
        return (
          <div key={row.id}>
            <Group gap={6} wrap="nowrap" align="flex-start">
              <TextInput
                flex={1}
                size="xs"
                aria-label={t`Name of ${which}`}
                placeholder={placeholder}
                value={row.name}
                classNames={{ input: 'hp-mono' }}
                spellCheck={false}
                onChange={(event) => set({ ...row, name: event.currentTarget.value, touched: true })}
              />
              <Select
                size="xs"
                w={160}
                aria-label={t`Source of ${which}`}
                data={WAYS}
                value={row.source}
                allowDeselect={false}
                onChange={(source) => set({ ...row, source: source ?? 'plain', text: '' })}
              />
              <TextInput
                flex={1}
                size="xs"
                aria-label={t`Value of ${which}`}
                disabled={row.source === 'keychain'}
                placeholder={PLACEHOLDERS[row.source]}
                value={row.text}
                classNames={{ input: 'hp-mono' }}
                spellCheck={false}
                onChange={(event) => set({ ...row, text: event.currentTarget.value })}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size={30}
                aria-label={t`Remove ${which}`}
                onClick={() => onChange(rows.filter(({ id }) => id !== row.id))}
              >
                <IconX size={15} />
              </ActionIcon>
            </Group>
            {problem !== null && <Input.Error role="alert">{problem}</Input.Error>}
          </div>
        )
      })}
      {error !== null && <Input.Error role="alert">{error}</Input.Error>}
      <Group>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={13} />}
          onClick={() => onChange([...rows, newRow(rows)])}
        >
          {noun === 'header' ? t`Add header` : t`Add variable`}
        </Button>
      </Group>
    </Stack>
  )
}
