/** First words of the command line: the desktop app tells by them, before it loads anything, that it is not to open a window. */
export const VERBS: readonly string[] = [
  'serve', 'stdio', 'status', 'console', 'pause', 'resume',
  'create', 'update', 'refresh', 'include', 'exclude', 'tools', 'sign-in', 'test',
  'get', 'describe', 'delete', 'revoke', 'logs',
  'connect', 'disconnect', 'session', 'run', 'help',
]
