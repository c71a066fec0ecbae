import {
  CONSOLE_HEADER,
  CONSOLE_KEY_ITEM,
  CONSOLE_PATH,
  CONSOLE_SESSION_PATH,
} from '../../contract/owner-api/console-api.ts'

/** Outline of the ticket in the logo, with its keyhole. */
const OUTLINE =
  'M4.6 1.5h1.9a1.5 1.5 0 0 0 3 0h1.9A1.6 1.6 0 0 1 13 3.1v9.8a1.6 1.6 0 0 1-1.6 1.6H4.6A1.6 1.6 0 0 1 3 12.9V3.1' +
  'a1.6 1.6 0 0 1 1.6-1.6Z'
const KEYHOLE = 'M8 5.4a1.95 1.95 0 0 0-1 3.62V11.6h2V9.02A1.95 1.95 0 0 0 8 5.4Z'

export const SIGN_IN_SCRIPT_PATH = `${CONSOLE_PATH}/sign-in.js`

/** The script chooses the section to show. Without the script or a code, the page explains how to get a link. */
export const SIGN_IN_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in – Hallpass</title>
<link rel="icon" href="data:,">
<style nonce="__CSP_NONCE__">
:root { --back: #f5f6f8; --card: #fff; --text: #1b2430; --soft: #55606e; --line: #d9dee5; --code: #eef1f4; --accent: #b45f06 }
@media (prefers-color-scheme: dark) {
  :root { --back: #12161c; --card: #1a2028; --text: #e8ecf1; --soft: #a3afbd; --line: #303a46; --code: #252e39; --accent: #f2a33a }
}
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
main { box-sizing: border-box; width: min(27rem, calc(100vw - 2rem)); padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-top: 4px solid var(--accent); border-radius: 10px }
svg { display: block; margin: 0 0 .75rem -4px; color: var(--accent) }
h1 { margin: 0 0 .75rem; font-size: 1.3rem; line-height: 1.3 }
p { margin: .5rem 0 }
.soft { color: var(--soft); font-size: .925rem }
code { padding: .15rem .4rem; background: var(--code); border-radius: 5px; font: .95em ui-monospace, "SF Mono", Menlo, Consolas, monospace }
[hidden] { display: none }
</style>
</head>
<body>
<main aria-live="polite">
<svg width="32" height="32" viewBox="0 0 16 16" aria-hidden="true">
<path fill="currentColor" fill-rule="evenodd" d="${OUTLINE}${KEYHOLE}"/></svg>
<section id="wait" hidden><h1>Signing in…</h1></section>
<section id="ask">
<h1>Sign in to Hallpass</h1>
<p>Run <code>hallpass console</code> in a terminal on this computer and open the link it prints.</p>
<p class="soft">The link works once, within 60 seconds. You stay signed in until you sign out or you're inactive for
12 hours.</p>
</section>
<section id="failed" hidden>
<h1>This link no longer works</h1>
<p id="sentence"></p>
<p>To get a new link, run <code>hallpass console</code> in a terminal on this computer.</p>
</section>
</main>
<script type="module" src="${SIGN_IN_SCRIPT_PATH}"></script>
</body>
</html>
`

/**
 * Reads the code, and the screen to continue on, from the link's fragment, which browsers don't send and logs don't record. The script first removes the code
 * from the address bar, and so from the history.
 */
export const SIGN_IN_SCRIPT = `const [code = '', screen = ''] = location.hash.slice(1).split(/\\/(.*)/)
const show = (name) => { for (const part of document.querySelectorAll('section')) part.hidden = part.id !== name }
const fail = (sentence) => {
  document.getElementById('sentence').textContent = sentence
  show('failed')
}
async function signIn() {
  history.replaceState(null, '', location.pathname)
  show('wait')
  const answer = await fetch('${CONSOLE_SESSION_PATH}', {
    method: 'POST', credentials: 'same-origin', redirect: 'error', cache: 'no-store',
    headers: { 'content-type': 'application/json', '${CONSOLE_HEADER}': 'sign-in' }, body: JSON.stringify({ code }),
  })
  const body = await answer.json()
  if (!answer.ok) return fail(String(body.error))
  localStorage.setItem('${CONSOLE_KEY_ITEM}', body.key)
  location.replace('${CONSOLE_PATH}/' + (/^[a-z]+$/.test(screen) ? '#/' + screen : ''))
}
if (location.pathname === '${CONSOLE_PATH}/sign-in' && /^[A-Za-z0-9_-]{43}$/.test(code)) {
  signIn().catch(() => fail("Hallpass isn't responding."))
}
`
