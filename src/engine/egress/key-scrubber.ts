import { secretForms } from './secret-scrubber.ts'

const CUT = '[secret]'

/** Returns a function that removes a key from a text, in any form in which a server may echo it. */
export function createKeyScrubber(key: string): (text: string) => string {
  const forms = secretForms([key])
  return (text) => forms.reduce((clean, form) => (clean.includes(form) ? clean.replaceAll(form, CUT) : clean), text)
}
