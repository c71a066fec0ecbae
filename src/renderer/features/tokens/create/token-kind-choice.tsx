import { Radio, Stack } from '@mantine/core'

export function TokenKindChoice({
  value,
  onChange,
}: {
  value: 'access' | 'local'
  onChange: (kind: 'access' | 'local') => void
}) {
  return (
    <Radio.Group
      label="How does it connect"
      value={value}
      onChange={(kind) => onChange(kind === 'local' ? 'local' : 'access')}
    >
      <Stack gap={8} mt={6}>
        <Radio
          value="access"
          label="With a secret, over HTTP"
          description="An access token: for agents that take an address and a header. The secret is shown once."
        />
        <Radio
          value="local"
          label="Without a secret, on this machine"
          description="A local token: for clients that start “hallpass stdio”, such as Claude Desktop. Nothing to copy, nothing to leak."
        />
      </Stack>
    </Radio.Group>
  )
}
