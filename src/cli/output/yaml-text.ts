// The package is CommonJS, and a direct lazy import loses its names in the bundle. Importing this file lazily keeps them.
export { stringify } from 'yaml'
