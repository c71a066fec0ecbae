import { Center, Code, Stack, Text, Title } from '@mantine/core'
import { Mark } from '../ui/mark.tsx'

/** Shown in the console without a session. There is no password, only a sign-in link. */
export function SignedOut() {
  return (
    <Center h="100%" component="main">
      <Stack align="center" gap="sm" maw={420} ta="center">
        <Mark size={44} />
        <Title order={1} size="h3">
          You're signed out
        </Title>
        <Text>
          To sign in again, run this command on the computer where Hallpass runs, and open the link in this browser
          within 60 seconds.
        </Text>
        <Code block>hallpass console</Code>
      </Stack>
    </Center>
  )
}
