import { Page } from '../../ui/page.tsx'

export function ConnectionsScreen() {
  return <Page title="Connections">{null}</Page>
}
