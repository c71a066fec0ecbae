import type { App, Session } from 'electron'
import { APP_ORIGIN } from '../../contract/window-port.ts'

/** Whatever a page asks of the runtime besides its own files is refused. */
export function confineSession(session: Session): void {
  // Not even the clipboard: what the page copies goes through the shell, which takes tokens off again.
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setSpellCheckerEnabled(false)
  // Not ftp: Chromium no longer knows it, and a filter that names it throws.
  const elsewhere = ['http', 'https', 'ws', 'wss', 'file'].map((scheme) => `${scheme}://*/*`)
  session.webRequest.onBeforeRequest({ urls: elsewhere }, (_details, answer) => answer({ cancel: true }))
  session.on('will-download', (event, item) => {
    // An export that the page made itself; the system's dialog asks where to.
    if (!item.getURL().startsWith(`blob:${APP_ORIGIN}/`)) event.preventDefault()
  })
}

/** No contents of this app leave their page, open another one, or hold a page within a page. */
export function confineContents(app: App): void {
  // No page policy holds WebRTC, whose TURN servers are dialled over TCP, nor names that are looked up ahead: the runtime finds no
  // host at all, not even one given as a number. What the engine dials is not the runtime's.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  })
}
