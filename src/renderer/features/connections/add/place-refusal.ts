/** What the engine's sentence is about, told by how it begins or what it holds; null when it names no field. The first match counts. */
export function fieldOf<Field extends string>(
  sentence: string,
  signs: readonly (readonly [Field, RegExp])[],
): Field | null {
  return signs.find(([, sign]) => sign.test(sentence))?.[0] ?? null
}

/** The engine's sentences name the options of the command line; here are fields instead. */
const SCREEN_WORDS: readonly (readonly [RegExp, string])[] = [
  [
    /,? or refer to the secret with --secret-ref env:NAME or file:PATH/g,
    ', or choose “Environment variable” or “File” for the secret',
  ],
  [/Give its key with --secret-stdin or --secret-ref/g, 'Give its key as a header, such as Authorization'],
  [/ with --secret-stdin or --secret-ref/g, ' as the secret'],
  [/: --header NAME=keychain with --secret-stdin/g, ''],
  [/Set --auth and a secret/g, 'Choose “Signs in with” and enter the secret'],
  [/Check the secret and --auth/g, 'Check the secret and how it is sent'],
  [/set another one with --health/g, 'choose another “Path to try”'],
  [/: --auth bearer, basic, header:NAME, query:NAME or oauth/g, ' under “Signs in with”'],
  [/Set it with --secret-stdin or --secret-ref/g, 'Enter it below'],
  [
    /a key that goes there is given with --auth query:NAME/g,
    'a key that goes there is a query parameter under “Signs in with”',
  ],
  [/, add --oauth/g, ', choose “Signing in with the browser”'],
]

/** The engine's sentence as it stands under its field: without the field's path, which the label says already. */
export function withoutField(sentence: string): string {
  const rest = inScreenWords(sentence.replace(/^(?:config\.)?[a-z_.0-9]+: (?=\S)/, ''))
  // An address stays as it is.
  return /^[a-z]+ /.test(rest) ? rest.charAt(0).toUpperCase() + rest.slice(1) : rest
}

export function inScreenWords(sentence: string): string {
  return SCREEN_WORDS.reduce((words, [option, field]) => words.replace(option, field), sentence)
}
