import { secretForms } from './secret-scrubber.ts'

const CUT = '[secret]'

/** Makes a function that cuts a key out of a text, in whatever form a server may echo it. */
export function createKeyScrubber(key: string): (text: string) => string {
  const forms = secretForms([key])
  return (text) => forms.reduce((clean, form) => (clean.includes(form) ? clean.replaceAll(form, CUT) : clean), text)
}
