/** Protocol name of the upgrade that gives a stdio client a raw stream to the engine. */
export const STDIO_UPGRADE = 'hallpass-stdio'
export const STDIO_PATH = '/stdio'
export const PROJECT_HEADER = 'x-hallpass-project'
export const TOKEN_NAME_HEADER = 'x-hallpass-token-name'
/** Host header of the control socket. A browser can reach the socket only through a proxy, which sends another name. */
export const CONTROL_HOST = 'hallpass.control'
export const RPC_PREFIX = '/rpc'
