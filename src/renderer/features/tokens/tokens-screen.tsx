import { Page } from '../../ui/page.tsx'

export function TokensScreen() {
  return <Page title="Tokens">{null}</Page>
}
