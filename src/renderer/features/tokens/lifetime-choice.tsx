import { Radio, Stack, Text, TextInput } from '@mantine/core'

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
  return 'Enter a duration (90m, 12h, 45d) or a future date and time (2030-01-31T12:00:00Z)'
}

interface LifetimeChoiceProps {
  label: string
  options: readonly { value: string; label: string; hint?: string }[]
  value: Lifetime
  onChange: (value: Lifetime) => void
  problem: string | null
}

export function LifetimeChoice({ label, options, value, onChange, problem }: LifetimeChoiceProps) {
  return (
    <Radio.Group label={label} value={value.choice} onChange={(choice) => onChange({ ...value, choice })}>
      <Stack gap={8} mt={6}>
        {options.map((option) => (
          <Radio key={option.value} value={option.value} label={option.label} description={option.hint} />
        ))}
        <Radio value="custom" label="Custom" />
        {value.choice === 'custom' && (
          <TextInput
            ml={28}
            maw={320}
            aria-label="Custom expiry"
            placeholder="45d, or 2030-01-31T12:00:00Z"
            value={value.custom}
            error={problem}
            onChange={(event) => onChange({ ...value, custom: event.currentTarget.value })}
          />
        )}
        {value.choice === 'never' && (
          <Text size="sm" ml={28} style={{ color: 'var(--hp-wait)' }}>
            The token works until you revoke it. We recommend an expiry.
          </Text>
        )}
      </Stack>
    </Radio.Group>
  )
}
