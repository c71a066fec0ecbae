import { Alert, Code, Group, Stack, Text } from '@mantine/core'
import { IconEyeOff } from '@tabler/icons-react'
import { t } from '../../../contract/text/translate.ts'
import { CopyButton } from '../copying/copy-button.tsx'

interface SecretOnceProps {
  secret: string
  expiresAt: string | null
  /** Further texts to copy that contain the secret. */
  also?: { label: string; text: string }[]
  /** Called when the secret, or a text with it, was copied. */
  onCopied?: () => void
}

/** Shows a token once. The parent must drop the secret from its state when the dialog closes. */
export function OneTimeSecret({ secret, expiresAt, also = [], onCopied }: SecretOnceProps) {
  return (
    <Stack gap="sm">
      <Alert
        variant="light"
        color="amber"
        icon={<IconEyeOff size={18} />}
        title={t`Copy the token now`}
      >{t`You won't be able to see it again. Hallpass stores only a hash.`}</Alert>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Code
          block
          className="hp-mono"
          style={{ flex: 1, whiteSpace: 'pre-wrap', wordBreak: 'break-all' }}
          data-testid="secret"
        >
          {secret}
        </Code>
        <CopyButton text={() => secret} token={{ expiresAt }} label={t`Copy token`} onCopied={onCopied} />
      </Group>
      {also.map(({ label, text }) => (
        <Stack key={label} gap={4}>
          <Group justify="space-between">
            <Text size="sm" fw={600}>
              {label}
            </Text>
            <CopyButton text={() => text} token={{ expiresAt }} onCopied={onCopied} aria-label={t`Copy: ${label}`} />
          </Group>
          <Code block className="hp-mono" tabIndex={0}>
            {text}
          </Code>
        </Stack>
      ))}
    </Stack>
  )
}
