/** The tests without a browser, each repeated as often as it takes to find a rare fault: `npm run test:thorough`. */
import config from '../vitest.config.ts'

// The processes of the tests inherit it.
process.env['THOROUGH'] = '1'

export default config
