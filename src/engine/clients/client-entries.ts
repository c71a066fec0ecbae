import type { Folders, KnownClient } from './client-folders.ts'

/** Returns an entry in the most common format, with command and arguments separate. */
export const clientEntry: KnownClient['entry'] = ({ command: [command, ...args], environment }) => ({
  command,
  args,
  ...(Object.keys(environment).length === 0 ? {} : { env: { ...environment } }),
})

export const typedEntry: KnownClient['entry'] = (launch, name) => ({ type: 'stdio', ...clientEntry(launch, name) })

export const vscodeFolder = ({ join, settings }: Folders): string => join(settings, 'Code', 'User')
