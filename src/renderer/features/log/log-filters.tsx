import { Autocomplete, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { memo, useEffect, useRef, useState } from 'react'
import { DOCUMENT_METHODS } from '../../../contract/methods/document-methods.ts'
import { useApi } from '../../lib/api.tsx'
import { STATUS_LABELS, type FilterPart, type LogFilter } from './log-filter.ts'
import styles from './log.module.css'

/** Delay after typing before the log is queried. */
const SETTLE_MS = 250

interface LogFiltersProps {
  filter: LogFilter
  project: string | undefined
  /** Methods of the rows shown so far. */
  seen: readonly string[]
  onChange: (part: FilterPart, value: string) => void
}

/** Memoized, so that it isn't rendered again for every new row. */
export const LogFilters = memo(function LogFilters({ filter, project, seen, onChange }: LogFiltersProps) {
  const { query } = useApi()
  const scope = project === undefined ? {} : { project }
  const { data: tokens } = useQuery(query.tokens.list.queryOptions({ input: scope }))
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input: scope }))
  const methods = new Set([...Object.keys(DOCUMENT_METHODS), ...seen])
  const parts = [
    { part: 'token', label: 'Token', among: [...new Set(tokens?.map(({ name }) => name))] },
    { part: 'connection', label: 'Connection', among: connections?.map(({ name }) => name) ?? [] },
    { part: 'method', label: 'Method', among: [...methods].sort() },
    { part: 'status', label: 'Status', among: [...STATUS_LABELS] },
  ] as const
  return (
    <>
      <SettledInput value={filter.text ?? ''} onSettle={(value) => onChange('text', value)}>
        {(value, change) => (
          <TextInput
            className={styles['search']}
            size="xs"
            type="search"
            aria-label="Search the log"
            placeholder="Search"
            maxLength={200}
            spellCheck={false}
            leftSection={<IconSearch size={14} aria-hidden />}
            value={value}
            onChange={(event) => change(event.currentTarget.value)}
          />
        )}
      </SettledInput>
      {parts.map(({ part, label, among }) => (
        <SettledInput key={part} value={filter[part] ?? ''} onSettle={(value) => onChange(part, value)}>
          {(value, change) => (
            <Autocomplete
              className={styles['part']}
              size="xs"
              aria-label={`Filter by ${label.toLowerCase()}`}
              placeholder={label}
              data={among}
              limit={50}
              maxLength={128}
              spellCheck={false}
              clearable
              clearButtonProps={{ 'aria-label': `Clear ${label.toLowerCase()} filter` }}
              comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
              value={value}
              onChange={change}
            />
          )}
        </SettledInput>
      ))}
    </>
  )
})

interface SettledInputProps {
  value: string
  onSettle: (value: string) => void
  children: (value: string, change: (value: string) => void) => React.ReactNode
}

/** Reports typed text after a pause. Follows changes of the URL from elsewhere. */
function SettledInput({ value, onSettle, children }: SettledInputProps) {
  const [typed, setTyped] = useState(value)
  const reported = useRef(value)
  const tell = useDebouncedCallback((next: string) => {
    // Choosing an option that was already typed in full changes nothing, so an open row stays open.
    if (next.trim() === reported.current) return
    reported.current = next.trim()
    onSettle(next)
  }, SETTLE_MS)
  useEffect(() => {
    if (value === reported.current) return
    reported.current = value
    setTyped(value)
  }, [value])
  return children(typed, (next) => {
    setTyped(next)
    tell(next)
  })
}
