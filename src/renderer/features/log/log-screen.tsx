import { Page } from '../../ui/page.tsx'

export function LogScreen() {
  return <Page title="Log">{null}</Page>
}
