import { plural, t } from '../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { showFailure, useFailure } from '../../ui/failure.tsx'
import { useSaved } from '../../ui/use-saved.tsx'
import { useTokenRevisions } from './use-token-revisions.ts'

/** Returns a function that pauses tokens, or resumes them. It works at once and can be undone. */
export function usePauseTokens(): (tokens: readonly TokenRecord[], paused: boolean) => void {
  const { owner } = useApi()
  const saved = useSaved()
  const revisionsOf = useTokenRevisions()
  const failure = useFailure()

  /** Undoing one names its revision, so that it does nothing if the token changed meanwhile. */
  async function change({ project, name, revision }: TokenRecord, paused: boolean): Promise<void> {
    const { token } = await owner.tokens.update({ project, name, revision, set: { paused } })
    const undo = () => owner.tokens.update({ project, name, revision: token.revision, set: { paused: !paused } })
    saved(undo, paused ? t`Paused ${name}` : t`Resumed ${name}`)
  }

  async function changeAll(tokens: readonly TokenRecord[], paused: boolean): Promise<void> {
    const addresses = tokens.map(({ project, name }) => ({ project, name }))
    const bulk = (targets: typeof addresses, pause: boolean) =>
      owner.tokens.bulk({ tokens: targets, action: pause ? ('pause' as const) : ('resume' as const) })
    const { outcomes } = await bulk(addresses, paused)
    const changed = outcomes.filter(({ problem }) => problem === null).map(({ project, name }) => ({ project, name }))
    tellProblems(outcomes)
    if (changed.length === 0) return
    const count = t`${plural(changed.length, '# token', '# tokens')}`
    const revisions = await revisionsOf(changed)
    const undo = async () => tellProblems((await bulk(changed, !paused)).outcomes)
    saved(
      undo,
      paused ? t`Paused ${count}` : t`Resumed ${count}`,
      async () => (await revisionsOf(changed)) === revisions,
    )
  }

  return (tokens, paused) => {
    const [only, ...others] = tokens.filter((token) => token.status === 'active' && token.paused !== paused)
    if (only === undefined) return
    const work = others.length === 0 ? change(only, paused) : changeAll([only, ...others], paused)
    work.catch(failure)
  }
}

function tellProblems(outcomes: readonly { name: string; problem: string | null }[]): void {
  const failed = outcomes.filter(({ problem }) => problem !== null)
  if (failed.length > 0) showFailure(failed.map(({ name, problem }) => `${name}: ${problem ?? ''}`).join(' '))
}
