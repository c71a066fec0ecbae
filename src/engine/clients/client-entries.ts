import type { Folders, KnownClient } from './client-folders.ts'

/** Returns the entry that most clients understand: the command apart from its arguments. */
export const clientEntry: KnownClient['entry'] = ({ command: [command, ...args], environment }) => ({
  command,
  args,
  ...(Object.keys(environment).length === 0 ? {} : { env: { ...environment } }),
})

export const typedEntry: KnownClient['entry'] = (launch, name) => ({ type: 'stdio', ...clientEntry(launch, name) })

export const vscodeFolder = ({ join, settings }: Folders): string => join(settings, 'Code', 'User')
