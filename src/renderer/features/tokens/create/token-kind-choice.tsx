import { Radio, Stack } from '@mantine/core'

export function TokenKindChoice({
  value,
  onChange,
}: {
  value: 'access' | 'local'
  onChange: (kind: 'access' | 'local') => void
}) {
  return (
    <Radio.Group label="Type" value={value} onChange={(kind) => onChange(kind === 'local' ? 'local' : 'access')}>
      <Stack gap={8} mt={6}>
        <Radio
          value="access"
          label="Access token"
          description="For clients that connect over HTTP with a URL and a header. Its secret is shown once."
        />
        <Radio
          value="local"
          label="Local token"
          description="For clients on this computer that start Hallpass, such as Claude Desktop. No secret needed."
        />
      </Stack>
    </Radio.Group>
  )
}
