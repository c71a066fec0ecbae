import { Badge, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../../../contract/text/translate.ts'
import type { Grant } from '../../../../../contract/grants.ts'
import type { TokenRecord } from '../../../../../contract/records.ts'
import { useApi } from '../../../../lib/api.tsx'
import { callErrorOf } from '../../../../lib/call-error.ts'
import { Confirm } from '../../../../ui/confirm.tsx'
import { useSaved } from '../../../../ui/use-saved.tsx'
import { isBroad, permitText } from '../grant-text.ts'
import { updateEffects } from './update-effects.ts'

interface SaveReviewProps {
  token: TokenRecord
  grants: Grant[]
  onClose: () => void
  onSaved: (token: TokenRecord) => void
}

/** Shows what saving would add, remove and end. */
export function SaveReview({ token, grants, onClose, onSaved }: SaveReviewProps) {
  const { owner, query } = useApi()
  const saved = useSaved()
  const input = { project: token.project, name: token.name, revision: token.revision, set: { grants } }
  const { data, error } = useQuery(query.tokens.previewUpdate.queryOptions({ input, staleTime: 0, retry: false }))
  const save = async (): Promise<void> => {
    const { project, name } = input
    const { token: next } = await owner.tokens.update(input)
    onSaved(next)
    saved(() => owner.tokens.update({ project, name, revision: next.revision, set: { grants: token.grants } }))
  }
  return (
    <Confirm
      opened
      size="lg"
      calm
      title={t`Save changes to ${token.name}?`}
      action={t`Save changes`}
      cancel={t`Back`}
      known={data !== undefined}
      onClose={onClose}
      onConfirm={save}
    >
      <Stack gap="xs">
        {error !== null && <Text role="alert">{callErrorOf(error).sentence}</Text>}
        {data !== undefined && (
          <>
            <ul aria-label={t`Changes`}>
              {data.added.map((permit) => (
                <li key={permitText(permit)}>
                  + {permitText(permit)} {isBroad(permit) && <Badge size="xs">{t`Broad`}</Badge>}
                </li>
              ))}
              {data.removed.map((permit) => (
                <li key={permitText(permit)}>− {permitText(permit)}</li>
              ))}
            </ul>
            <Text size="sm">{[t`Takes effect with the next request.`, ...updateEffects(data)].join(' ')}</Text>
          </>
        )}
      </Stack>
    </Confirm>
  )
}
