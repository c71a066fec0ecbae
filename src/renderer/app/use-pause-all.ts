import { t } from '../../contract/text/translate.ts'
import { useApi } from '../lib/api.tsx'
import { useFailure } from '../ui/failure.tsx'
import { useSaved } from '../ui/use-saved.tsx'

/** Returns a function that pauses all access, or resumes it. It works at once and can be undone. */
export function usePauseAll(): (paused: boolean) => Promise<void> {
  const { owner } = useApi()
  const saved = useSaved()
  const failure = useFailure()
  const set = (paused: boolean) => (paused ? owner.pause() : owner.resume())
  return async (paused) => {
    try {
      await set(paused)
      const label = paused ? t`Paused all access` : t`Resumed all access`
      saved(
        () => set(!paused),
        label,
        async () => (await owner.status()).paused === paused,
      )
    } catch (thrown) {
      failure(thrown)
    }
  }
}
