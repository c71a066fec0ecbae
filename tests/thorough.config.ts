/** Tests that are repeated as often as it takes to find a rare fault, or that take long: `npm run test:thorough` and `test:screens`. */
import config from '../vitest.config.ts'

// The processes of the tests inherit it.
process.env['THOROUGH'] = '1'

export default config
