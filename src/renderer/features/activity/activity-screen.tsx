import { Page } from '../../ui/page.tsx'

export function ActivityScreen() {
  return <Page title="Activity">{null}</Page>
}
