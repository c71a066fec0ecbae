import { asHallpassError } from '../../contract/errors.ts'
import type { TokenRecord } from '../../contract/records.ts'
import { expiryOf } from '../access/tokens/time-to-live.ts'
import type { OwnerActions } from './owner-actions.ts'
import type { OwnerOutputs, OwnerParts } from './owner-parts.ts'
import { getToken, tokenSubject } from './token-actions.ts'

type Bulk = OwnerOutputs['tokens']['bulk']
type Effects = Pick<Bulk, 'sessions_ended' | 'requests_cut'>
const NO_EFFECTS: Effects = { sessions_ended: 0, requests_cut: 0 }

interface BulkInput {
  tokens: { project: string; name: string }[]
  action: 'pause' | 'resume' | 'extend' | 'revoke'
  ttl?: string | undefined
  preview?: boolean | undefined
}

/** Does the same to several tokens, one after the other, each with its own row in the log. A failure doesn't stop the rest. */
export async function bulkTokens(parts: OwnerParts, actions: OwnerActions, input: BulkInput): Promise<Bulk> {
  // An invalid lifetime is rejected before anything changes.
  if (input.action === 'extend') expiryOf(input.ttl ?? '', parts.clock.now())
  const total = { ...NO_EFFECTS }
  const outcomes: Bulk['outcomes'] = []
  for (const address of input.tokens) {
    try {
      const token = await getToken(parts, address)
      const effects = await (input.preview === true
        ? effectsOf(parts, token, input)
        : act(parts, actions, token, input))
      total.sessions_ended += effects.sessions_ended
      total.requests_cut += effects.requests_cut
      outcomes.push({ ...address, problem: null })
    } catch (thrown) {
      const error = asHallpassError(thrown, '')
      const isInternal = error.code === 'INTERNAL'
      if (isInternal) parts.report?.(error)
      outcomes.push({ ...address, problem: isInternal ? 'Unexpected error in Hallpass.' : error.message })
    }
  }
  return { ...total, outcomes }
}

async function effectsOf({ access }: OwnerParts, token: TokenRecord, { action }: BulkInput): Promise<Effects> {
  const { project, name, revision } = token
  if (action === 'revoke') {
    const below = await access.below({ project, token: name })
    return { sessions_ended: below.sessions, requests_cut: below.requests_running }
  }
  const set = action === 'extend' ? {} : { paused: action === 'pause' }
  const { effects } = await access.previewTokenUpdate({ project, name, revision, set })
  return { ...NO_EFFECTS, requests_cut: effects.requests_cut }
}

async function act(
  parts: OwnerParts,
  actions: OwnerActions,
  { project, name, revision }: TokenRecord,
  { action, ttl = '' }: BulkInput,
): Promise<Effects> {
  const { access } = parts
  const subject = tokenSubject(parts, { project, name })
  if (action === 'revoke')
    return actions.runRevocation('tokens.revoke', subject, () => access.revokeToken(project, name))
  if (action === 'extend') {
    await actions.change('tokens.extend', subject, () => access.extendToken(project, name, ttl))
    return NO_EFFECTS
  }
  const update = { project, name, revision, set: { paused: action === 'pause' } }
  const { effects } = await actions.change('tokens.update', subject, () => access.updateToken(update))
  return { ...NO_EFFECTS, requests_cut: effects.requests_cut }
}
