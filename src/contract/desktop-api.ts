import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema } from './names.ts'
import { windowApi } from './owner-api.ts'

const nothing = z.object({})

/** How the window stands to its engine. `message` says what is wrong and names the next step; null when all is well. */
export const engineLinkSchema = z.object({
  state: z
    .enum(['starting', 'running', 'attached', 'lost'])
    .describe('running: in the app itself; attached: another process of this user'),
  message: z.string().nullable(),
  retry_at: z.string().nullable().describe('When the app tries again by itself'),
})
export type EngineLink = z.infer<typeof engineLinkSchema>

export const desktopInfoSchema = z.object({
  app_version: z.string(),
  platform: z.enum(['darwin', 'win32', 'linux']),
  open_at_login: z.boolean(),
  open_at_login_possible: z.boolean(),
})

/** What the shell does for its window, and for nobody else. */
export const shellApi = {
  info: oc.output(desktopInfoSchema),
  setOpenAtLogin: oc.input(z.strictObject({ open_at_login: z.boolean() })).output(desktopInfoSchema),
  /** State of the link to the engine; the present one comes at once. */
  link: { follow: oc.output(eventIterator(engineLinkSchema)), retry: oc.output(nothing) },
  /** A file that the person picks in the system's own dialog; null when they think better of it. */
  chooseFile: oc
    .input(z.strictObject({ purpose: z.enum(['sqlite', 'openapi']) }))
    .output(z.object({ path: z.string().nullable() })),
  /** Puts a token, or a text that holds one, on the clipboard, and takes it off again at `expires_at` if it is still there. */
  copyToken: oc
    .input(z.strictObject({ token: z.string().min(1).max(16_384), expires_at: z.string().nullable() }))
    .output(nothing),
  /**
   * Starts signing in to a connection, and opens the page of its authorization server in the person's browser. The address comes
   * from the engine, never from the page; one that is not https is refused, but on this machine.
   */
  openSignIn: oc.input(z.strictObject({ name: nameSchema })).output(z.object({ expires_at: z.string() })),
  /** Opens a page of the project's own documentation in the person's browser; any other address is refused. */
  openLink: oc.input(z.strictObject({ url: z.string().max(2048) })).output(nothing),
}

/** All that a window of the desktop app can call. */
export const desktopApi = { owner: windowApi, shell: shellApi }
export type DesktopApi = typeof desktopApi

// Apart, so that the preload script carries two words and no schema library.
export { APP_ORIGIN, PORT_MESSAGE } from './window-port.ts'
