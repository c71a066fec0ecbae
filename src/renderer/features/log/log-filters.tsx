import { CloseButton, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { memo, useEffect, useRef, useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { AddFilter } from './add-filter.tsx'
import { chipText } from './filter-labels.ts'
import { FILTER_PARTS, TIMES, type FilterPart, type LogFilter } from './log-filter.ts'
import styles from './log.module.css'

/** Delay after typing before the log is queried. */
const SETTLE_MS = 250
const ALL_TIMES = 'all'

interface LogFiltersProps {
  filter: LogFilter
  project: string | undefined
  /** Methods of the rows shown so far. */
  seen: readonly string[]
  onChange: (part: FilterPart, value: string) => void
}

/** Search, time, and a chip for every other part of the filter. Memoized, so that new rows don't render it again. */
export const LogFilters = memo(function LogFilters({ filter, project, seen, onChange }: LogFiltersProps) {
  const chips = FILTER_PARTS.filter((part) => part !== 'text' && part !== 'time' && (filter[part] ?? '') !== '')
  const exactTimes = filter.since !== undefined || filter.until !== undefined
  return (
    <>
      <SearchInput value={filter.text ?? ''} onSettle={(value) => onChange('text', value)} />
      <Select
        aria-label={t`Time`}
        size="xs"
        w={148}
        allowDeselect={false}
        data={[{ value: ALL_TIMES, label: exactTimes ? t`Times as chosen` : t`All times` }, ...TIMES]}
        value={TIMES.find(({ value }) => value === filter.time)?.value ?? ALL_TIMES}
        onChange={(value) => onChange('time', value === null || value === ALL_TIMES ? '' : value)}
      />
      {chips.map((part) => (
        <Chip key={part} text={chipText(part, filter[part] ?? '')} onRemove={() => onChange(part, '')} />
      ))}
      <AddFilter project={project} seen={seen} onAdd={onChange} />
    </>
  )
})

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <span className={styles.chip} title={text}>
      <span>{text}</span>
      <CloseButton size="sm" aria-label={t`Remove filter: ${text}`} onClick={onRemove} />
    </span>
  )
}

/** Reports typed text after a pause. Follows changes of the URL from elsewhere. */
function SearchInput({ value, onSettle }: { value: string; onSettle: (value: string) => void }) {
  const [typed, setTyped] = useState(value)
  const reported = useRef(value)
  const report = useDebouncedCallback((next: string) => {
    // Typing that ends where it began changes nothing, so an open row stays open.
    if (next.trim() === reported.current) return
    reported.current = next.trim()
    onSettle(next)
  }, SETTLE_MS)
  useEffect(() => {
    if (value === reported.current) return
    reported.current = value
    setTyped(value)
  }, [value])
  return (
    <TextInput
      className={styles['search']}
      size="xs"
      type="search"
      data-key="/"
      aria-label={t`Search the log`}
      placeholder={t`Search`}
      maxLength={200}
      spellCheck={false}
      leftSection={<IconSearch size={14} aria-hidden />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        report(event.currentTarget.value)
      }}
    />
  )
}
