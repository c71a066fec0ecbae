/**
 * Returns how often a test repeats what it does. `npm test` repeats it often enough to find a plain fault, and
 * `npm run test:thorough` often enough to find a rare one.
 */
export function repeats(usual: number, thorough: number): number {
  return IS_THOROUGH ? thorough : usual
}

/** True in `npm run test:thorough` and `test:screens`, whose configuration sets this. */
export const IS_THOROUGH = process.env['THOROUGH'] === '1'
