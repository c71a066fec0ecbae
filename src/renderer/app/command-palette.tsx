import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import {
  IconActivity,
  IconBell,
  IconFolder,
  IconHandStop,
  IconHome,
  IconListDetails,
  IconPlayerPause,
  IconPlayerPlay,
  IconSearch,
  IconSettings,
  IconSparkles,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useApi } from '../lib/api.tsx'
import { useFailure } from '../ui/failure.tsx'

const PLACES = [
  ['connections', 'Connections'],
  ['tokens', 'Agents & tokens'],
  ['connect', 'Connect'],
  ['log', 'Log'],
] as const

/** Opens with Ctrl/Cmd-K. Lists every page and the actions that need no form. */
export function CommandPalette() {
  const { query, owner } = useApi()
  const navigate = useNavigate()
  const failure = useFailure()
  const { data: projects } = useQuery(query.projects.list.queryOptions())
  const { data: status } = useQuery(query.status.queryOptions())
  const actions: SpotlightActionData[] = [
    ...(projects ?? []).flatMap(({ name }) =>
      PLACES.map(([place, label]) => ({
        id: `${name}/${place}`,
        label: `${name} · ${label}`,
        leftSection: <IconFolder size={18} />,
        onClick: () => void navigate({ to: `/projects/$project/${place}`, params: { project: name } }),
      })),
    ),
    {
      id: 'overview',
      label: 'Overview',
      leftSection: <IconHome size={18} />,
      onClick: () => void navigate({ to: '/overview' }),
    },
    {
      id: 'attention',
      label: 'Attention',
      leftSection: <IconBell size={18} />,
      onClick: () => void navigate({ to: '/attention' }),
    },
    {
      id: 'log',
      label: 'Log of all projects',
      leftSection: <IconListDetails size={18} />,
      onClick: () => void navigate({ to: '/log' }),
    },
    {
      id: 'approvals',
      label: 'Approvals',
      leftSection: <IconHandStop size={18} />,
      onClick: () => void navigate({ to: '/approvals' }),
    },
    {
      id: 'activity',
      label: 'Activity',
      leftSection: <IconActivity size={18} />,
      onClick: () => void navigate({ to: '/activity' }),
    },
    {
      id: 'settings',
      label: 'Settings',
      leftSection: <IconSettings size={18} />,
      onClick: () => void navigate({ to: '/settings' }),
    },
    {
      id: 'welcome',
      label: 'Welcome',
      leftSection: <IconSparkles size={18} />,
      onClick: () => void navigate({ to: '/welcome' }),
    },
    status?.paused === true
      ? {
          id: 'resume',
          label: 'Resume access',
          leftSection: <IconPlayerPlay size={18} />,
          onClick: () => void owner.resume().catch(failure),
        }
      : {
          id: 'pause',
          label: 'Pause all access',
          leftSection: <IconPlayerPause size={18} />,
          onClick: () => void owner.pause().catch(failure),
        },
  ]
  return (
    <Spotlight
      actions={actions}
      shortcut="mod + K"
      nothingFound="No results"
      highlightQuery
      limit={12}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: 'Search projects, pages and actions',
        'aria-label': 'Search',
      }}
    />
  )
}
