import { Radio, Stack, Text, TextInput } from '@mantine/core'
import { t } from '../../../contract/text/translate.ts'

/**
 * A lifetime as the engine accepts it: `30d`, `12h`, `90m`, `never` or a timestamp. `custom` is the text entered for
 * it.
 */
export interface Lifetime {
  choice: string
  custom: string
}

export function lifetimeText({ choice, custom }: Lifetime): string {
  return choice === 'custom' ? custom.trim() : choice
}

/** Returns what is wrong with a custom lifetime, or null. The engine checks it again. */
export function lifetimeProblem(lifetime: Lifetime): string | null {
  if (lifetime.choice !== 'custom') return null
  const text = lifetime.custom.trim()
  if (/^[1-9]\d*[smhd]$/.test(text) || text === 'never') return null
  if (/^\d{4}-\d{2}-\d{2}T.+(Z|[+-]\d{2}:\d{2})$/.test(text) && Date.parse(text) > Date.now()) return null
  return t`Enter a duration (90m, 12h, 45d) or a future date and time (2030-01-31T12:00:00Z)`
}

const OPTIONS = [
  { value: '12h', label: t`12 hours from now` },
  { value: '30d', label: t`30 days from now` },
  { value: '90d', label: t`90 days from now` },
] as const
export const FIRST_LIFETIME: Lifetime = { choice: '30d', custom: '' }

interface LifetimeChoiceProps {
  value: Lifetime
  onChange: (value: Lifetime) => void
  problem: string | null
}

export function LifetimeChoice({ value, onChange, problem }: LifetimeChoiceProps) {
  return (
    <Radio.Group label={t`New expiry`} value={value.choice} onChange={(choice) => onChange({ ...value, choice })}>
      <Stack gap={8} mt={6}>
        {OPTIONS.map(({ value: choice, label }) => (
          <Radio key={choice} value={choice} label={label} />
        ))}
        <Radio value="custom" label={t`Custom`} />
        {value.choice === 'custom' && (
          <TextInput
            ml={28}
            maw={320}
            aria-label={t`Custom expiry`}
            placeholder={t`45d, or 2030-01-31T12:00:00Z`}
            value={value.custom}
            error={problem}
            onChange={(event) => onChange({ ...value, custom: event.currentTarget.value })}
          />
        )}
        {lifetimeText(value) === 'never' && (
          <Text
            size="sm"
            ml={28}
            style={{ color: 'var(--hp-wait)' }}
          >{t`The token works until you revoke it. We recommend an expiry.`}</Text>
        )}
      </Stack>
    </Radio.Group>
  )
}
