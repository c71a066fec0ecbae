import { parseSync } from 'vite'

/** A node of a syntax tree, with the parts that the search for texts reads. */
export interface Node {
  type: string
  start: number
  end: number
  name?: string | Node
  value?: unknown
  operator?: string
  computed?: boolean
  test?: Node
  left?: Node
  key?: Node
  callee?: Node
  object?: Node
  property?: Node
  arguments?: Node[]
  tag?: Node
  quasi?: Node
  quasis?: { value: { cooked: string } }[]
  expressions?: Node[]
}

export function parseSource(path: string, source: string): Node {
  const { program, errors } = parseSync(path, source, { astType: 'ts' })
  const [error] = errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  return program as unknown as Node
}

/** Calls `visit` for a node and all below it, with the nodes above it, the nearest last. Types are left out. */
export function walk(node: Node, visit: (node: Node, above: readonly Node[]) => void, above: Node[] = []): void {
  if (/^TS(?:Type|Interface|Literal|Union)/.test(node.type)) return
  visit(node, above)
  above.push(node)
  for (const part of Object.values(node)) {
    for (const child of Array.isArray(part) ? part : [part]) if (isNode(child)) walk(child, visit, above)
  }
  above.pop()
}

function isNode(part: unknown): part is Node {
  return typeof part === 'object' && part !== null && 'type' in part && typeof part.type === 'string'
}

/** Returns the static texts of a template, with what is between them left out. */
export function textsOf(template: Node): string[] {
  return (template.quasis ?? []).map(({ value }) => value.cooked)
}

/** Returns the name of an identifier, of a property's key or of a JSX attribute. */
export function nameOf(node: Node | undefined): string {
  if (node === undefined) return ''
  if (typeof node.name === 'string') return node.name
  if (node.name !== undefined) return nameOf(node.name)
  if (node.type === 'MemberExpression') return node.computed === true ? '' : nameOf(node.property)
  return typeof node.value === 'string' ? node.value : ''
}
