// Undici is CommonJS: a late import of it loses its names in the bundle. A late import of this file keeps them.
export { buildConnector, Client, Pool } from 'undici'
