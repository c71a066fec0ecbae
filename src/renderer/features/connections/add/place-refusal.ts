/** What the engine's sentence is about, told by how it begins or what it holds; null when it names no field. The first match counts. */
export function fieldOf<Field extends string>(sentence: string, signs: readonly (readonly [Field, RegExp])[]): Field | null {
  return signs.find(([, sign]) => sign.test(sentence))?.[0] ?? null
}

/** The sentence without the path of the field, which the label says already. */
export function withoutField(sentence: string): string {
  const rest = sentence.replace(/^(?:config\.)?[a-z_.]+: (?=\S)/, '')
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}
