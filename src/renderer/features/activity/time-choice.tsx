import { Button, Popover, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { useHalfMinute } from '../../lib/now.ts'
import { ACTIVITY_TIMES, type ActivitySearch, type ActivityTime } from './activity-times.ts'

const EXACT = 'exact'

interface TimeChoiceProps {
  time: ActivityTime
  onChange: (times: Pick<ActivitySearch, 'time' | 'since' | 'until'>) => void
}

/** The rolling times, today, and exact ones. */
export function TimeChoice({ time, onChange }: TimeChoiceProps) {
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label={t`Time range`}
        value={time.value ?? EXACT}
        onChange={(value) => {
          if (value !== EXACT) onChange({ time: value })
        }}
        data={[
          ...ACTIVITY_TIMES.map(({ value, label }) => ({ value, label })),
          ...(time.value === null ? [{ value: EXACT, label: t`Chosen` }] : []),
        ]}
      />
      <ExactTimes onChange={onChange} />
    </>
  )
}

function ExactTimes({ onChange }: Pick<TimeChoiceProps, 'onChange'>) {
  const now = useHalfMinute()
  const [opened, setOpened] = useState(false)
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const start = Date.parse(from)
  const end = to === '' ? now : Date.parse(to)
  const problem = Number.isNaN(start) || Number.isNaN(end) || end > start ? null : t`Choose a time after the start.`
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (Number.isNaN(start) || problem !== null) return
    onChange({ since: new Date(start).toISOString(), ...(to === '' ? {} : { until: new Date(end).toISOString() }) })
    setOpened(false)
  }
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="bottom-end" width={240}>
      <Popover.Target>
        <Button size="xs" variant="default" onClick={() => setOpened(!opened)}>{t`From…`}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Exact times`}>
        <form onSubmit={submit}>
          <Stack gap="xs">
            <TextInput
              label={t`From`}
              type="datetime-local"
              size="xs"
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            <TextInput
              label={t`To`}
              description={t`Empty: until now`}
              type="datetime-local"
              size="xs"
              value={to}
              error={problem}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
            <Button
              type="submit"
              size="xs"
              variant="default"
              disabled={Number.isNaN(start) || problem !== null}
            >{t`Show`}</Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
