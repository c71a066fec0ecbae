import { nameSchema } from '../../../../contract/names.ts'

/** What the form of every kind gets. */
export interface KindFormProps {
  project: string
  onBack: () => void
  onDone: () => void
}

export function nameProblem(name: string): string | null {
  const parsed = nameSchema.safeParse(name)
  return parsed.success ? null : `The name ${parsed.error.issues[0]?.message ?? 'is not valid'}.`
}
