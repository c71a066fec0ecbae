import { Link } from '@tanstack/react-router'
import type { RequestRecord } from '../../../contract/records.ts'
import { t } from '../../../contract/text/translate.ts'
import { rich } from '../../lib/rich.ts'
import { Ago } from '../../ui/instant.tsx'
import { Step } from './step.tsx'

/** Done when a client has sent a request over MCP. */
export function RequestStep({ seen }: { seen: RequestRecord | null }) {
  return (
    <Step
      number={3}
      title={t`See the first request`}
      done={seen !== null}
      seen={
        seen !== null && (
          <>
            {rich`${seen.client ?? t`A client`} called ${(
              <Link to="/requests/$id" params={{ id: String(seen.id) }} style={{ color: 'inherit' }}>
                {seen.method}
              </Link>
            )} as ${seen.token}, ${<Ago instant={seen.time} />}.`}
          </>
        )
      }
    >
      {seen === null && <p>{t`Waiting for a call…`}</p>}
    </Step>
  )
}
