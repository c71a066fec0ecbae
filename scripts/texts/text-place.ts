import { nameOf, textsOf, type Node } from './syntax-tree.ts'

/** `text` is a place whose strings people read. In a `likely` place, the string decides. */
export type Place = 'text' | 'likely' | null

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '))

const TEXT_ATTRIBUTES = words(
  'title label aria-label aria-description aria-roledescription aria-valuetext placeholder description alt what error message detail heading hint help never before after expired verb noun text summary body nothingFoundMessage closeLabel question cancel confirm legend caption',
)
const OTHER_ATTRIBUTES = words(
  'className classNames style styles to href key id type role d viewBox size variant color c justify align htmlFor for aria-live aria-controls aria-labelledby aria-describedby aria-haspopup aria-keyshortcuts gap transform points fill stroke strokeDasharray radius position tone rel target component wrap fw ff w h maw mah miw mih m p mt mb bg bd autoComplete inputMode pattern cols breakpoints clipPath preserveAspectRatio from field',
)
const TEXT_KEYS = words(
  'title label aria-label placeholder description alt message detail hint help summary body caption',
)
const OTHER_KEYS = words(
  'className style to color background type id kind role path key queryKey variant position font fontFamily border boxShadow transform transition overflow cursor width height padding margin gridTemplateColumns gridTemplateRows hour minute second day month year hourCycle dateStyle timeStyle weekday timeZone accelerator',
)
const OTHER_CALLS = words(
  'querySelector querySelectorAll getElementById addEventListener removeEventListener matches closest includes startsWith endsWith join split replace replaceAll has get set delete getItem setItem removeItem on once off matchMedia useMediaQuery getPropertyValue setProperty setAttribute getAttribute hasAttribute removeAttribute createElement createElementNS parse indexOf lastIndexOf test DateTimeFormat NumberFormat RelativeTimeFormat URL dispatchEvent CustomEvent Event toLocaleString padStart emit send handle getContext lazyRouteComponent navigate plural report write invalidRequest setName appendSwitch',
)
const COMPARISONS = words('=== !== == != in instanceof < > <= >=')
const TRANSPARENT = words(
  'ParenthesizedExpression TSAsExpression TSSatisfiesExpression TSNonNullExpression ChainExpression ArrayExpression SpreadElement',
)
const NO_PLACE = words(
  'ImportDeclaration ExportNamedDeclaration ExportAllDeclaration ImportExpression TSImportType SwitchCase SwitchStatement ThrowStatement TSEnumMember ImportAttribute ExpressionStatement',
)

/** Returns what kind of place a string or template stands in. `above` are the nodes above it, the nearest last. */
export function placeOf(node: Node, above: readonly Node[]): Place {
  const parent = above.at(-1)
  if (parent === undefined) return 'likely'
  const higher = above.slice(0, -1)
  if (TRANSPARENT.has(parent.type)) return placeOf(parent, higher)
  if (NO_PLACE.has(parent.type)) return null
  switch (parent.type) {
    case 'ConditionalExpression':
      return parent.test === node ? null : placeOf(parent, higher)
    case 'LogicalExpression':
      return parent.left === node && parent.operator === '&&' ? null : placeOf(parent, higher)
    case 'BinaryExpression':
      return COMPARISONS.has(parent.operator ?? '') ? null : placeOf(parent, higher)
    case 'TemplateLiteral':
      return placeInTemplate(parent, higher)
    case 'TaggedTemplateExpression':
      return null
    case 'MemberExpression':
      return parent.computed === true && parent.property === node ? null : 'likely'
    case 'JSXExpressionContainer':
      return higher.at(-1)?.type === 'JSXAttribute' ? placeOf(parent, higher) : 'text'
    case 'JSXAttribute':
      return placeOfAttribute(nameOf(parent))
    case 'Property':
    case 'PropertyDefinition':
      return parent.key === node ? null : placeOfKey(nameOf(parent.key))
    case 'CallExpression':
    case 'NewExpression':
      return placeInCall(parent)
    default:
      return 'likely'
  }
}

function placeInTemplate(template: Node, above: readonly Node[]): Place {
  const outer = above.at(-1)
  if (outer?.type === 'TaggedTemplateExpression') return isTextTag(outer) ? 'text' : null
  const place = placeOf(template, above)
  return place === 'likely' && looksLikeText(textsOf(template).join(' x ')) ? 'text' : place
}

function placeOfAttribute(name: string): Place {
  if (OTHER_ATTRIBUTES.has(name) || name.startsWith('data-')) return null
  return TEXT_ATTRIBUTES.has(name) ? 'text' : 'likely'
}

function placeOfKey(name: string): Place {
  if (OTHER_KEYS.has(name)) return null
  return TEXT_KEYS.has(name) ? 'text' : 'likely'
}

function placeInCall({ callee }: Node): Place {
  const name = nameOf(callee)
  if (OTHER_CALLS.has(name) || name.endsWith('Error') || nameOf(callee?.object) === 'console') return null
  return 'likely'
}

/** Whether a template has a tag that looks its text up. */
export function isTextTag(node: Node): boolean {
  return ['t', 'rich'].includes(nameOf(node.tag))
}

const CODE =
  /var\(--|calc\(|minmax\(|rgb\(|#[0-9a-f]{3,8}\b|^\d[\d.]*(?:px|rem|em|%|fr|ms|s)\b|^[.#[]|^--|\b\d+px\b|^@|^(?:auto|none|solid|inherit|ease)\b|prefers-|(?:min|max)-width|^[\w.-]+\/[\w$./{}?=&-]*$|^\/|^[a-z]+:/

/** Whether a string reads like a sentence or a label, and not like code. */
export function looksLikeText(string: string): boolean {
  const text = string.trim()
  if (!/\p{L}{2}/u.test(text) || CODE.test(text)) return false
  return /\p{L}+,? +\S/u.test(text) || /^[A-Z][a-z]/.test(text) || /[a-z]…$/.test(text)
}
