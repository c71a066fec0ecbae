import { MantineProvider, useMantineColorScheme } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { ApiProvider, useApi } from '../lib/api.tsx'
import type { EngineClient } from '../lib/engine-client.ts'
import { LiveProvider } from '../lib/live.tsx'
import { isLost } from '../lib/call-error.ts'
import { createAppRouter } from './router.tsx'
import { theme } from './theme.ts'

export function App({ client, styleNonce }: { client: EngineClient; styleNonce: string }) {
  const [queries] = useState(createQueryClient)
  const [router] = useState(createAppRouter)
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => styleNonce}>
      <QueryClientProvider client={queries}>
        <ApiProvider client={client}>
          <LiveProvider>
            <ThemeFromSettings />
            <Notifications position="bottom-right" limit={3} />
            <RouterProvider router={router} />
          </LiveProvider>
        </ApiProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}

/**
 * Queries are not refetched by time or focus: the engine reports changes, and after a lost connection everything is
 * refetched.
 */
function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Infinity,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: 'always',
        retry: (failures, thrown) => isLost(thrown) && failures < 3,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  })
}

/** Applies the owner's theme setting to the page. */
function ThemeFromSettings() {
  const { query } = useApi()
  const { data } = useQuery(query.settings.get.queryOptions())
  const { setColorScheme } = useMantineColorScheme()
  const chosen = data?.theme
  useEffect(() => {
    if (chosen !== undefined) setColorScheme(chosen === 'system' ? 'auto' : chosen)
  }, [chosen, setColorScheme])
  return null
}
