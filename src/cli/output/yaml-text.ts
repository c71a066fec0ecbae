// The package is CommonJS, and a direct lazy import loses its names in the bundle. Importing this file lazily keeps them.
export { isMap, isScalar, LineCounter, parseDocument, stringify, type Document } from 'yaml'
