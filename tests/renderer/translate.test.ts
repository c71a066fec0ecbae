import { i18n } from '@lingui/core'
import { compileMessage } from '@lingui/message-utils/compileMessage'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterEach, describe, expect, test } from 'vitest'
import { messageKey, plural, t } from '../../src/contract/text/translate.ts'
import { rich } from '../../src/renderer/lib/rich.ts'

function translate(locale: string, messages: Record<string, string>): void {
  const compiled = Object.entries(messages).map(([key, text]) => [key, compileMessage(text)])
  i18n.loadAndActivate({ locale, messages: Object.fromEntries(compiled) })
}

describe('texts', () => {
  afterEach(() => i18n.loadAndActivate({ locale: '', messages: {} }))

  test('are in English without a translation', () => {
    expect(t`Revoke ${'nightly'}?`).toBe('Revoke nightly?')
    expect(t`Revokes ${plural(1, '# token', '# tokens')}.`).toBe('Revokes 1 token.')
    expect(t`Revokes ${plural(1204, '# token', '# tokens')}.`).toBe('Revokes 1,204 tokens.')
    translate('de', {})
    expect(t`Use \`{id}\` as it's shown`).toBe("Use `{id}` as it's shown")
  })

  test('are found by their English text, with the plural forms of the language', () => {
    translate('pl', {
      'Revoke {0}?': '{0} – unieważnić?',
      'Revokes {0, plural, one {# token} other {# tokens}} of {1}.':
        '{1}: {0, plural, one {# token} few {# tokeny} many {# tokenów} other {# tokena}}.',
    })
    expect(t`Revoke ${'nightly'}?`).toBe('nightly – unieważnić?')
    const texts = [1, 3, 5].map((count) => t`Revokes ${plural(count, '# token', '# tokens')} of ${'demo'}.`)
    expect(texts).toEqual(['demo: 1 token.', 'demo: 3 tokeny.', 'demo: 5 tokenów.'])
  })

  test('keep values unchanged, including those that look like escapes or markup', () => {
    translate('de', { 'Runs {0}': 'Startet {0}' })
    expect(t`Runs ${String.raw`a\u202eb`} `).toBe(String.raw`Runs a\u202eb `)
    expect(t`Runs ${String.raw`a\u202eb {0} #`}`).toBe(String.raw`Startet a\u202eb {0} #`)
  })

  test('with braces and apostrophes have keys that can be parsed', () => {
    for (const text of ["It's {name}", "'{'", "{'}", "''", 'a}b{c', "'#'", "''{}''"])
      expect(compileMessage(messageKey([text], []))).toEqual([text])
  })

  test('keep their elements, in the order of the language', () => {
    const sentence = () => rich`Type ${createElement('b', null, 'demo')} to delete ${'it'}`
    expect(renderToStaticMarkup(sentence())).toBe('Type <b>demo</b> to delete it')
    translate('de', { 'Type {0} to delete {1}': 'Zum Löschen von {1} {0} eingeben' })
    expect(renderToStaticMarkup(sentence())).toBe('Zum Löschen von it <b>demo</b> eingeben')
  })
})
