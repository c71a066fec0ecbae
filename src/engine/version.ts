import packageJson from '../../package.json' with { type: 'json' }

/** Version of Hallpass, from package.json. */
export const version: string = packageJson.version
