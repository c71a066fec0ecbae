import { Center, Code, Stack, Text, Title } from '@mantine/core'
import { Outlet } from '@tanstack/react-router'
import { lazy, StrictMode, Suspense, useEffect, useReducer } from 'react'
import { t } from '../../contract/text/translate.ts'
import { useLink } from '../lib/live.tsx'
import { Mark } from '../ui/mark.tsx'
import { UndoProvider } from '../ui/use-saved.tsx'
import { Keys } from './keys/keys.tsx'
import styles from './shell.module.css'
import { Sidebar } from './sidebar.tsx'
import { StatusStrips } from './status-strips.tsx'

/** Loads after the first screen, which doesn't need it. */
const CommandPalette = lazy(async () => ({ default: (await import('./palette/command-palette.tsx')).CommandPalette }))

/** The frame of every screen, strict because the router's own parts above it can't be: they would wait for their first screen. */
export function Shell() {
  return (
    <StrictMode>
      <Frame />
    </StrictMode>
  )
}

/** Navigation on the left, the screen on the right, problems above it. */
function Frame() {
  const link = useLink()
  const [asked, askForPalette] = usePaletteKey()
  if (link.state === 'signed-out') return <SignedOut />
  return (
    <UndoProvider>
      <div className={styles.frame}>
        <a className={styles.skip} href="#main" onClick={focusMain}>{t`Skip to content`}</a>
        <StatusStrips />
        <Sidebar onPalette={askForPalette} />
        <main id="main" tabIndex={-1} className={styles.main}>
          <Outlet />
        </main>
        <Keys />
        <Suspense fallback={null}>
          <CommandPalette asked={asked} />
        </Suspense>
      </div>
    </UndoProvider>
  )
}

/** Counts how often the palette was asked for, also before it has loaded. */
function usePaletteKey(): [asked: number, ask: () => void] {
  const [asked, ask] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    const isMac = navigator.userAgent.includes('Mac')
    const listen = (event: KeyboardEvent): void => {
      const isMod = isMac ? event.metaKey : event.ctrlKey
      if (!isMod || event.shiftKey || event.altKey || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      if (!event.repeat) ask()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  return [asked, ask]
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
