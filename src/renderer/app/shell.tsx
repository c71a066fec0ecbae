import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useLink } from '../lib/live.tsx'
import { LinkBanner } from './link-banner.tsx'
import styles from './shell.module.css'
import { Sidebar } from './sidebar.tsx'
import { SignedOut } from './signed-out.tsx'
import { PausedStrip, WarningStrips } from './status-strips.tsx'

/** Loads after the first screen, which doesn't need it. */
const CommandPalette = lazy(async () => ({ default: (await import('./palette/command-palette.tsx')).CommandPalette }))

/** The frame of every screen: navigation on the left, the screen on the right, problems above it. */
export function Shell() {
  const link = useLink()
  if (link.state === 'signed-out') return <SignedOut />
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main" onClick={focusMain}>
        Skip to content
      </a>
      <Sidebar />
      <main id="main" tabIndex={-1} className={styles.main}>
        <LinkBanner />
        <PausedStrip />
        <WarningStrips />
        <Outlet />
      </main>
      <Suspense fallback={null}>
        <CommandPalette />
      </Suspense>
    </div>
  )
}

/** The router owns the fragment, so the link can't use it and moves the focus itself. */
function focusMain(event: React.MouseEvent): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
