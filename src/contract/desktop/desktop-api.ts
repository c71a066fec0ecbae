import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema } from '../names.ts'
import { windowApi } from '../owner-api.ts'

const nothing = z.object({})

/**
 * State of the window's connection to the engine. `message` says what is wrong and what to do, and is null while
 * connected.
 */
const engineLinkSchema = z.object({
  state: z
    .enum(['starting', 'running', 'attached', 'lost'])
    .describe('running: in the app itself; attached: another process of this user'),
  message: z.string().nullable(),
  retry_at: z.string().nullable().describe('When the app tries again automatically'),
})
export type EngineLink = z.infer<typeof engineLinkSchema>

const desktopInfoSchema = z.object({
  app_version: z.string(),
  platform: z.enum(['darwin', 'win32', 'linux']),
  open_at_login: z.boolean(),
  open_at_login_possible: z.boolean(),
})

/** Procedures of the desktop shell. Only its own window can call them. */
export const shellApi = {
  info: oc.output(desktopInfoSchema),
  setOpenAtLogin: oc.input(z.strictObject({ open_at_login: z.boolean() })).output(desktopInfoSchema),
  /** Streams the state of the connection to the engine, starting with the current state. */
  link: { follow: oc.output(eventIterator(engineLinkSchema)), retry: oc.output(nothing) },
  /** Returns the file picked in the system's dialog, or null if the dialog was canceled. */
  chooseFile: oc
    .input(z.strictObject({ purpose: z.enum(['sqlite', 'openapi']) }))
    .output(z.object({ path: z.string().nullable() })),
  /**
   * Copies a token, or a text that contains one, and clears the clipboard at `expires_at` if the text is still there.
   */
  copyToken: oc
    .input(z.strictObject({ token: z.string().min(1).max(16_384), expires_at: z.string().nullable() }))
    .output(nothing),
  /**
   * Starts a sign-in and opens the authorization server's page in the browser. The URL comes from the engine, never
   * from the page, and must use https unless the host is this computer.
   */
  openSignIn: oc.input(z.strictObject({ name: nameSchema })).output(z.object({ expires_at: z.string() })),
  /** Opens a page of Hallpass's documentation in the browser. Rejects any other URL. */
  openLink: oc.input(z.strictObject({ url: z.string().max(2048) })).output(nothing),
}

/** Everything that the desktop app's window can call. */
export const desktopApi = { owner: windowApi, shell: shellApi }
export type DesktopApi = typeof desktopApi
