import { Button } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { rich } from '../../lib/rich.ts'
import { t } from '../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import { Ago } from '../../ui/instant.tsx'
import type { Sample } from './find-sample.ts'
import { Step } from './step.tsx'

/** Done when a client has sent a request over MCP. */
export function ConnectStep({ sample: { project }, seen }: { sample: Sample; seen: RequestRecord | null }) {
  return (
    <Step
      number={2}
      title={t`Connect a client`}
      done={seen !== null}
      seen={
        seen !== null && (
          <>
            {rich`${seen.client ?? t`A client`} called ${seen.method} as ${seen.token}, ${<Ago instant={seen.time} />}.`}
          </>
        )
      }
    >
      <p>{t`Claude, an IDE agent or any other MCP client. It gets the permissions of a token, never your keys. This step completes with the client's first call.`}</p>
      <Button
        variant={seen === null ? 'filled' : 'default'}
        size="xs"
        leftSection={<IconPlugConnected size={15} />}
        renderRoot={(props) => <Link to="/projects/$project/connect" params={{ project }} {...props} />}
      >{t`Connect a client`}</Button>
    </Step>
  )
}
