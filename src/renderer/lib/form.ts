import type { useForm } from '@mantine/form'

/** A form of Mantine. Its own name for this type can't be resolved by Node's rules, which need file extensions. */
export type Form<Values extends object> = ReturnType<typeof useForm<Values, Values, any>>

/** Props of an input for a URL, a path, a name or another text that isn't prose. */
export const MONO = { classNames: { input: 'hp-mono' }, spellCheck: false, autoComplete: 'off' } as const
