/** What the pages of the web console and the engine that serves them agree on. All paths stand on the engine's own origin. */
export const CONSOLE_PATH = '/console'
export const CONSOLE_RPC_PATH = '/console/rpc'
/** POST `{code}` of a sign-in link; answers `{key}` and sets the cookie. */
export const CONSOLE_SESSION_PATH = '/console/session'
/** POST without a body; ends the session of this browser. */
export const CONSOLE_SIGN_OUT_PATH = '/console/sign-out'
/** GET: the page of the sign-in link; without a code it says how to get one. */
export const CONSOLE_SIGN_IN_PATH = '/console/sign-in'

/**
 * Every call carries the session's key in this header. Cookies know no ports: a page that another program of this machine serves
 * gets the cookie too. The key is kept per origin, so the cookie alone is worth nothing.
 */
export const CONSOLE_HEADER = 'x-hallpass-console'
/** Where the page keeps the key: an item of its origin's localStorage. */
export const CONSOLE_KEY_ITEM = 'hallpass-console-key'
