import type { App, Session } from 'electron'
import { APP_ORIGIN } from '../../contract/desktop/window-port.ts'

/** Denies pages everything except their own files. */
export function confineSession(session: Session): void {
  // Includes the clipboard: pages copy through the shell, which clears tokens again.
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setSpellCheckerEnabled(false)
  // Without ftp, because Chromium no longer knows it and a filter with an unknown scheme throws.
  const elsewhere = ['http', 'https', 'ws', 'wss', 'file'].map((scheme) => `${scheme}://*/*`)
  session.webRequest.onBeforeRequest({ urls: elsewhere }, (_details, answer) => answer({ cancel: true }))
  session.on('will-download', (event, item) => {
    // Allows an export that the page created. The system's dialog asks where to save it.
    if (!item.getURL().startsWith(`blob:${APP_ORIGIN}/`)) event.preventDefault()
  })
}

/** Keeps web contents from navigating away, opening windows or embedding pages. */
export function confineContents(app: App): void {
  // A page's policy doesn't cover WebRTC, whose TURN servers are dialed over TCP, or DNS prefetching. Mapping every
  // host to an error covers both, including IP addresses. The engine uses its own network stack and isn't affected.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault())
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  })
}
