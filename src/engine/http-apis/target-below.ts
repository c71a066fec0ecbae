import { invalidRequest, type HallpassError } from '../../contract/errors.ts'
import { joinTarget, type BaseAddress } from '../egress/base-address.ts'
import { withQuery } from './credentials.ts'

/** Returns path and query below the base URL, as they are sent. Throws INVALID_REQUEST for a path that could lead elsewhere. */
export function targetBelow(base: BaseAddress, path: string, query: string, allowEncodedSlash: boolean): string {
  const search = withQuery(query, null)
  const target = joinTarget(base, path, search, { allowEncodedSlash })
  if (target === null) throw unsafePath(base, path, search, allowEncodedSlash)
  return target
}

/** Returns the target with the secret in its query. */
export function targetWithQuery(target: string, search: string, query: [name: string, value: string]): string {
  return `${target.split('?', 1)[0] ?? ''}?${withQuery(search, query)}`
}

function unsafePath(base: BaseAddress, path: string, search: string, allowEncodedSlash: boolean): HallpassError {
  if (!allowEncodedSlash && joinTarget(base, path, search, { allowEncodedSlash: true }) !== null)
    return invalidRequest(
      'The path contains an encoded slash (%2F), which this connection does not allow. Its owner can allow it with --allow-encoded-slash.',
      'path',
      { reason: 'encoded_slash' },
    )
  return invalidRequest(
    "Invalid path: empty segments, dot segments, encoded slashes, backslashes and control characters aren't allowed.",
    'path',
  )
}
