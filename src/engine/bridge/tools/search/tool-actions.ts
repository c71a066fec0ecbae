/** The kind of operation that a tool performs. */
export type ToolAction = 'list' | 'read' | 'search' | 'create' | 'update' | 'delete'

/** Verbs as people and tool names use them. A verb with several meanings counts for each; the first one names a tool's action. */
const VERBS: readonly [ToolAction, string][] = [
  ['read', 'get read retrieve fetch describe view open download inspect check see look export'],
  ['list', 'list enumerate index browse all show find which who recent get what my'],
  ['read', 'show find current latest status was is why what'],
  ['search', 'search find query lookup locate'],
  [
    'create',
    'create add new make open post publish start register insert upload invite attach send set put write install comment assign ' +
      'reply answer request trigger run fork schedule push save approve give',
  ],
  [
    'update',
    'update edit change modify patch rename close reopen respond set replace write protect move assign request enable disable ' +
      'turn transfer lock merge restore scale',
  ],
  ['delete', 'delete remove drop destroy uninstall revoke clear forget take'],
]

export interface ActionWords {
  /** Returns the actions that a verb's stem can mean, most likely first. Empty if it isn't a known verb. */
  ofVerb(stem: string): readonly ToolAction[]
}

export function createActionWords(stem: (word: string) => string): ActionWords {
  const known = new Map<string, ToolAction[]>()
  for (const [action, verbs] of VERBS)
    for (const verb of verbs.split(' ')) {
      const actions = known.get(stem(verb)) ?? []
      if (!actions.includes(action)) known.set(stem(verb), [...actions, action])
    }
  return { ofVerb: (verb) => known.get(verb) ?? NO_ACTIONS }
}

const NO_ACTIONS: readonly ToolAction[] = []

interface ActedOn {
  /** Stems of the tool's own name, in order. */
  nameStems: readonly string[]
  /** HTTP method and path if the tool is an operation of an HTTP API. */
  operation: { method: string; path: string } | null
  isReadOnly: boolean
}

/** Actions that change nothing. */
export const READING: readonly ToolAction[] = ['list', 'read', 'search']
const SEARCHES = /(^|\/)(search|query|find)\b/i

/** Returns the actions that a tool appears to perform. Empty if nothing indicates one. */
export function actionsOf({ nameStems, operation, isReadOnly }: ActedOn, words: ActionWords): readonly ToolAction[] {
  if (operation !== null) return actionsOfOperation(operation, nameStems)
  for (const stem of nameStems.slice(0, 4)) {
    const [action, ...others] = words.ofVerb(stem)
    if (action === undefined || (isReadOnly && !READING.includes(action))) continue
    // "get" is used for single things and for lists.
    return READING.includes(action) ? [action, ...others.filter((other) => READING.includes(other))] : [action]
  }
  return isReadOnly ? ['read', 'list'] : []
}

function actionsOfOperation(
  { method, path }: { method: string; path: string },
  nameStems: readonly string[],
): readonly ToolAction[] {
  const endsInParameter =
    path
      .split('/')
      .findLast((part) => part !== '')
      ?.startsWith('{') === true
  switch (method) {
    case 'GET':
    case 'HEAD': {
      if (nameStems.slice(0, 3).includes('list')) return ['list']
      if (SEARCHES.test(path)) return ['search']
      return endsInParameter || nameStems.includes('read') ? ['read'] : ['read', 'list']
    }
    case 'DELETE':
      return ['delete']
    case 'PUT':
    case 'PATCH':
      return ['update']
    case 'POST':
      // Some APIs update with a POST to the resource.
      return endsInParameter ? ['update'] : ['create']
    default:
      return []
  }
}
