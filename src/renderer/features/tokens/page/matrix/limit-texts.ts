import { t } from '../../../../../contract/text/translate.ts'
import type { Limit } from '../permission-grid.ts'

/** What the grid says of tables, tools and paths. */
export const LIMIT_TEXTS: Readonly<Record<Limit, { all: string; limit: string; allow: string; choose: string }>> = {
  tables: {
    all: t`All tables`,
    limit: t`Limit to tables…`,
    allow: t`Allow all tables`,
    choose: t`Choose at least one table, or allow all.`,
  },
  tools: {
    all: t`All tools`,
    limit: t`Limit to tools…`,
    allow: t`Allow all tools`,
    choose: t`Choose at least one tool, or allow all.`,
  },
  paths: {
    all: t`All paths`,
    limit: t`Limit to paths…`,
    allow: t`Allow all paths`,
    choose: t`Choose at least one path, or allow all.`,
  },
}
