import { Group, NumberInput, Radio, type RadioGroupProps } from '@mantine/core'
import { t } from '../../../../contract/text/translate.ts'
import styles from './session.module.css'
import type { SessionDraft } from './session-form.tsx'

const TIMES = [
  { value: '5m', label: t`5 min` },
  { value: '15m', label: t`15 min` },
  { value: '60m', label: t`1 h` },
  { value: 'other', label: t`Other` },
] as const
const MAX_MINUTES = 60

/** Returns what is wrong with the minutes that were typed, or null. None at all are wrong too, but that needs no words. */
export function minutesProblemOf({ time, minutes }: SessionDraft): string | null {
  if (time !== 'other' || minutes === '') return null
  if (Number(minutes) > MAX_MINUTES) return t`60 minutes at most`
  return Number(minutes) < 1 ? t`At least 1 minute` : null
}

interface SessionTimeProps {
  field: Pick<RadioGroupProps, 'inputWrapperOrder'> & { classNames: { root: string } }
  draft: SessionDraft
  onChange: (change: Partial<SessionDraft>) => void
}

/** One of the usual lifetimes, or a number of minutes. */
export function SessionTime({ field, draft, onChange }: SessionTimeProps) {
  return (
    <Radio.Group {...field} label={t`Expires in`} value={draft.time} onChange={(time) => onChange({ time })}>
      <Group gap="sm" className={styles.choices}>
        {TIMES.map(({ value, label }) => (
          <Radio key={value} value={value} label={label} />
        ))}
        {draft.time === 'other' && (
          <NumberInput
            aria-label={t`Minutes`}
            w={150}
            size="xs"
            suffix=" min"
            min={1}
            allowDecimal={false}
            allowNegative={false}
            value={draft.minutes}
            onChange={(value) => onChange({ minutes: value })}
            error={minutesProblemOf(draft)}
          />
        )}
      </Group>
    </Radio.Group>
  )
}
