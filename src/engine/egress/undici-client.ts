// Undici is CommonJS: imported late and directly, its names are lost in the bundle. A late import of this file keeps them.
export { buildConnector, Pool } from 'undici'
