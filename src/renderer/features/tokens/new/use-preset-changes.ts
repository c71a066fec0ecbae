import type { TokenPreset } from '../../../../contract/owner-api/presets-api.ts'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { useNamedChanges } from '../../../ui/editing/use-named-changes.ts'

/** Saves and deletes presets. Both can be undone. */
export function usePresetChanges() {
  return useNamedChanges<TokenPreset>(useApi().owner.presets, {
    saved: (name) => t`Saved preset ${name}`,
    deleted: (name) => t`Deleted preset ${name}`,
  })
}
