import { Anchor } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { rich } from '../../lib/rich.ts'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import type { Sample } from './find-sample.ts'
import { Step } from './step.tsx'

const SHOWN = 5

/** Done when the document has returned its tables. */
export function DocumentStep({ sample: { project, document } }: { sample: Sample }) {
  const { query } = useApi()
  const { data: tables, error } = useQuery(
    query.connections.tables.queryOptions({ input: { name: document }, retry: false }),
  )
  return (
    <Step
      number={1}
      title={project === 'demo' ? t`A sample project is ready` : t`A project is ready`}
      done={tables !== undefined}
      seen={<>{t`${document} is connected. Tables: ${nameThem(tables ?? [])}.`}</>}
    >
      <p>{rich`Project ${(
        <Anchor renderRoot={(props) => <Link to="/projects/$project/connections" params={{ project }} {...props} />}>
          {project}
        </Anchor>
      )} contains the document ${<b>{document}</b>}. A project groups connections and the tokens that can use them.`}</p>
      {error !== null && <p role="alert">{callErrorOf(error).sentence}</p>}
    </Step>
  )
}

function nameThem(tables: string[]): string {
  if (tables.length === 0) return 'none yet'
  return tables.length > SHOWN
    ? t`${tables.slice(0, SHOWN).join(', ')} and ${tables.length - SHOWN} more`
    : tables.join(', ')
}
