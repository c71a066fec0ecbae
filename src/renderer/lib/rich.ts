import { createElement, Fragment, type ReactNode } from 'react'
import { messageParts, type plural } from '../../contract/text/translate.ts'

/** Returns a text with elements as values, such as a name in bold type. See `t` for texts without. */
export function rich(strings: TemplateStringsArray, ...values: (ReactNode | ReturnType<typeof plural>)[]): ReactNode {
  return createElement(Fragment, null, ...messageParts(strings, values))
}
