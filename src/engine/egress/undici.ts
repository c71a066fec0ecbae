// undici is CommonJS. Importing it dynamically would lose its names in the bundle, importing this file doesn't.
export { buildConnector, Client, Pool } from 'undici'
