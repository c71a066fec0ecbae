import { Autocomplete, Button, NativeSelect, NumberInput, Popover, Stack, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { ERROR_TABLE } from '../../../contract/error-table.ts'
import { PERMISSIONS } from '../../../contract/grants.ts'
import { DOCUMENT_METHODS } from '../../../contract/methods/document-methods.ts'
import { useApi } from '../../lib/api.tsx'
import { partName } from './filter-labels.ts'
import { canContain, containing, STATUS_LABELS, type FilterPart } from './log-filter.ts'

const PARTS = [
  'token',
  'connection',
  'client',
  'method',
  'permission',
  'status',
  'code',
  'slower',
  'actions',
  'since',
  'until',
] as const satisfies readonly FilterPart[]
type Part = (typeof PARTS)[number]

interface AddFilterProps {
  project: string | undefined
  /** Methods of the rows shown so far. */
  seen: readonly string[]
  onAdd: (part: FilterPart, value: string) => void
}

/** Adds one part to the filter. A value from the list is meant as it is; typed text can be a part of it. */
export function AddFilter({ project, seen, onAdd }: AddFilterProps) {
  const [opened, setOpened] = useState(false)
  const [part, setPart] = useState<Part>('token')
  const add = (value: string): void => {
    onAdd(part, value)
    setOpened(false)
  }
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      trapFocus
      returnFocus
      withinPortal
      position="bottom-start"
      width={260}
    >
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          data-letter="f"
          onClick={() => setOpened(!opened)}
        >{t`Filter`}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Add a filter`}>
        <Stack gap="xs">
          <NativeSelect
            label={t`Field`}
            size="xs"
            value={part}
            data={PARTS.map((value) => ({ value, label: partName(value) }))}
            onChange={(event) => setPart(event.currentTarget.value as Part)}
          />
          <PartValue key={part} part={part} project={project} seen={seen} onAdd={add} />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

type PartValueProps = Omit<AddFilterProps, 'onAdd'> & { part: Part; onAdd: (value: string) => void }

function PartValue({ part, project, seen, onAdd }: PartValueProps) {
  switch (part) {
    case 'slower':
      return <SlowerThan onAdd={onAdd} />
    case 'since':
    case 'until':
      return <Moment label={partName(part)} onAdd={onAdd} />
    case 'actions':
      return (
        <>
          <Button size="xs" variant="default" onClick={() => onAdd('only')}>{t`Your actions only`}</Button>
          <Button size="xs" variant="default" onClick={() => onAdd('without')}>{t`Without your actions`}</Button>
        </>
      )
    default:
      return <Named part={part} project={project} seen={seen} onAdd={onAdd} />
  }
}

function Named({ part, project, seen, onAdd }: PartValueProps) {
  const among = useSuggestions(part, project, seen)
  const [value, setValue] = useState('')
  const chosen = (text: string): string =>
    canContain(part) && !among.includes(text.trim()) ? containing(text.trim()) : text.trim()
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (value.trim() !== '') onAdd(chosen(value))
      }}
    >
      <Autocomplete
        label={t`Value`}
        description={canContain(part) ? t`Choose a name, or type a part of it and press Enter.` : undefined}
        size="xs"
        data={among}
        limit={50}
        maxLength={120}
        spellCheck={false}
        comboboxProps={{ withinPortal: false }}
        value={value}
        onChange={setValue}
        onOptionSubmit={onAdd}
      />
      <Button type="submit" size="xs" mt="xs" fullWidth variant="default">{t`Add`}</Button>
    </form>
  )
}

function useSuggestions(part: Part, project: string | undefined, seen: readonly string[]): string[] {
  const { query } = useApi()
  const input = project === undefined ? {} : { project }
  const { data: tokens } = useQuery(query.tokens.list.queryOptions({ input, enabled: part === 'token' }))
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input, enabled: part === 'connection' }))
  switch (part) {
    case 'token':
      return [...new Set(tokens?.map(({ name }) => name))]
    case 'connection':
      return connections?.map(({ name }) => name) ?? []
    case 'method':
      return [...new Set([...Object.keys(DOCUMENT_METHODS), ...seen])].sort()
    case 'permission':
      return [...PERMISSIONS]
    case 'status':
      return [...STATUS_LABELS]
    case 'code':
      return Object.keys(ERROR_TABLE)
    default:
      return []
  }
}

function SlowerThan({ onAdd }: { onAdd: (value: string) => void }) {
  const [value, setValue] = useState<string | number>(1000)
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (Number(value) > 0) onAdd(String(value))
      }}
    >
      <NumberInput label={t`Slower than (ms)`} size="xs" min={1} value={value} onChange={setValue} />
      <Button type="submit" size="xs" mt="xs" fullWidth variant="default">{t`Add`}</Button>
    </form>
  )
}

function Moment({ label, onAdd }: { label: string; onAdd: (value: string) => void }) {
  const [value, setValue] = useState('')
  const valid = !Number.isNaN(Date.parse(value))
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (valid) onAdd(new Date(value).toISOString())
      }}
    >
      <TextInput
        label={label}
        type="datetime-local"
        size="xs"
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" mt="xs" fullWidth variant="default" disabled={!valid}>{t`Add`}</Button>
    </form>
  )
}
