/**
 * Paths, header and storage key that the web console's pages and the engine share. All paths are on the engine's
 * origin.
 */
export const CONSOLE_PATH = '/console'
export const CONSOLE_RPC_PATH = '/console/rpc'
/** POST `{code}` of a sign-in link. Returns `{key}` and sets the cookie. */
export const CONSOLE_SESSION_PATH = '/console/session'
/** POST without a body. Signs this browser out. */
export const CONSOLE_SIGN_OUT_PATH = '/console/sign-out'
/** GET: the page that a sign-in link opens. Without a code, it explains how to get a link. */
export const CONSOLE_SIGN_IN_PATH = '/console/sign-in'

/**
 * Header with the session's key, required on every call. Browsers share cookies between all ports of a host, so another
 * local program's page gets the cookie too. The key is stored per origin, so a cookie alone isn't sufficient.
 */
export const CONSOLE_HEADER = 'x-hallpass-console'
/** Item of the origin's localStorage that holds the key. */
export const CONSOLE_KEY_ITEM = 'hallpass-console-key'
