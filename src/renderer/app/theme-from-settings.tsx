import { useMantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useApi } from '../lib/api.tsx'

/** Applies the owner's theme setting to the page. */
export function ThemeFromSettings() {
  const { query } = useApi()
  const { data } = useQuery(query.settings.get.queryOptions())
  const { setColorScheme } = useMantineColorScheme()
  const chosen = data?.theme
  useEffect(() => {
    if (chosen !== undefined) setColorScheme(chosen === 'system' ? 'auto' : chosen)
  }, [chosen, setColorScheme])
  return null
}
