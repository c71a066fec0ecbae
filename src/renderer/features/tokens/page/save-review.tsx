import { Badge, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Grant } from '../../../../contract/grants.ts'
import type { TokenEffects, TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { counted } from '../../../lib/format.ts'
import { Confirm } from '../../../ui/confirm.tsx'
import { isBroad, permitText } from './grant-text.ts'

interface SaveReviewProps {
  token: TokenRecord
  grants: Grant[]
  onClose: () => void
  onSaved: (token: TokenRecord) => void
}

/** Shows what saving would add, remove and end. */
export function SaveReview({ token, grants, onClose, onSaved }: SaveReviewProps) {
  const { owner, query } = useApi()
  const input = { project: token.project, name: token.name, revision: token.revision, set: { grants } }
  const { data, error } = useQuery(query.tokens.previewUpdate.queryOptions({ input, staleTime: 0, retry: false }))
  return (
    <Confirm
      opened
      size="lg"
      calm
      title={`Save changes to ${token.name}?`}
      action="Save changes"
      known={data !== undefined}
      onClose={onClose}
      onConfirm={async () => onSaved((await owner.tokens.update(input)).token)}
    >
      <Stack gap="xs">
        {error !== null && <Text role="alert">{callErrorOf(error).sentence}</Text>}
        {data !== undefined && (
          <>
            <ul aria-label="Changes">
              {data.added.map((permit) => (
                <li key={permitText(permit)}>
                  + {permitText(permit)} {isBroad(permit) && <Badge size="xs">Broad</Badge>}
                </li>
              ))}
              {data.removed.map((permit) => (
                <li key={permitText(permit)}>− {permitText(permit)}</li>
              ))}
            </ul>
            <Text size="sm">{effectText(data)}</Text>
          </>
        )}
      </Stack>
    </Confirm>
  )
}

function effectText({ sessions_narrowed: narrowed, sessions_ended: ended, requests_cut: cut }: TokenEffects): string {
  const parts = [
    ...(narrowed.length > 0
      ? [`${counted(narrowed.length, 'session token')} ${narrowed.length === 1 ? 'loses' : 'lose'} permissions.`]
      : []),
    ...(ended.length > 0
      ? [
          `${counted(ended.length, 'session token')} ${ended.length === 1 ? 'has' : 'have'} nothing left and ${ended.length === 1 ? 'ends' : 'end'}.`,
        ]
      : []),
    ...(cut > 0 ? [`${counted(cut, 'request')} ${cut === 1 ? 'is' : 'are'} interrupted.`] : []),
  ]
  return ['Takes effect with the next request.', ...parts].join(' ')
}
