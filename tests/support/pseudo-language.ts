import { compileMessage } from '@lingui/message-utils/compileMessage'
import { messageKeys, sourcesWithTexts } from '../../scripts/texts/find-texts.ts'

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const ACCENTED = 'åƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ'

/** Letters that only texts of the pseudo-language contain. */
export const PSEUDO_LETTER = new RegExp(`[${ACCENTED}]`, 'u')

/** Returns an English text with an accent on each letter and 40 % more of them, in words that can wrap like words. */
export function pseudo(text: string): string {
  const words = text.replaceAll(/[a-z]/gi, (letter) => ACCENTED.charAt(PLAIN.indexOf(letter)))
  const longer = words.replaceAll(/\p{L}+/gu, (word) => word + word.slice(-1).repeat(Math.ceil(word.length * 0.4)))
  return longer
}

/** The screens' texts in the pseudo-language, as a page takes another language. */
export function pseudoLanguage(): { locale: string; messages: Record<string, unknown> } {
  const keys = sourcesWithTexts().flatMap(({ path, source }) => messageKeys(path, source))
  return { locale: 'en-XA', messages: Object.fromEntries(keys.map((key) => [key, compileMessage(key, pseudo)])) }
}
