import { Center, Code, Stack, Text, Title } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { t } from '../../contract/text/translate.ts'
import { useLink } from '../lib/live.tsx'
import { Mark } from '../ui/mark.tsx'
import { Keys } from './keys/keys.tsx'
import styles from './shell.module.css'
import { Sidebar } from './sidebar.tsx'
import { StatusStrips } from './status-strips.tsx'

/** Loads after the first screen, which doesn't need it. */
const CommandPalette = lazy(async () => ({ default: (await import('./palette/command-palette.tsx')).CommandPalette }))

/** The frame of every screen: navigation on the left, the screen on the right, problems above it. */
export function Shell() {
  const link = useLink()
  const isPaletteWanted = usePaletteKey()
  if (link.state === 'signed-out') return <SignedOut />
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main" onClick={focusMain}>{t`Skip to content`}</a>
      <StatusStrips />
      <Sidebar />
      <main id="main" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
      <Keys />
      <Suspense fallback={null}>
        <CommandPalette isWanted={isPaletteWanted} />
      </Suspense>
    </div>
  )
}

/** Keeps Ctrl/Cmd-K that is pressed before the palette has loaded. Returns whether it was, and forgets it. */
function usePaletteKey(): () => boolean {
  const wanted = useRef(false)
  const loaded = useRef(false)
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (loaded.current || event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      wanted.current = true
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  return () => {
    loaded.current = true
    return wanted.current
  }
}

/** The router owns the fragment, so the link can't use it and moves the focus itself. */
function focusMain(event: React.MouseEvent): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

/** Shown in the console without a session. There is no password, only a sign-in link. */
function SignedOut() {
  return (
    <Center h="100%" component="main">
      <Stack align="center" gap="sm" maw={420} ta="center">
        <Mark size={44} />
        <Title order={1} size="h3">{t`You're signed out`}</Title>
        <Text>{t`To sign in again, run this command on the computer where Hallpass runs, and open the link in this browser within 60 seconds.`}</Text>
        <Code block>hallpass console</Code>
      </Stack>
    </Center>
  )
}
