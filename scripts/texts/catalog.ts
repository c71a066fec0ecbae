import { messageKeys, sourcesWithTexts } from './find-texts.ts'

/** The English catalog: what translators start from. Only its keys are used, because sources contain the English texts. */
export const CATALOG_FILE = 'languages/en.json'

/** Returns the catalog of the sources' texts, in the order of their keys. */
export function catalogText(): string {
  const keys = new Set(sourcesWithTexts().flatMap(({ path, source }) => messageKeys(path, source)))
  return `${JSON.stringify(Object.fromEntries([...keys].toSorted().map((key) => [key, key])), null, 2)}\n`
}
