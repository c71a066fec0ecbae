import { type AnySchema, getEventIteratorSchemaDetails, isContractProcedure } from '@orpc/contract'
import { windowApi } from '../../contract/owner-api.ts'
import type { OwnerRouter } from '../../engine/owner/create-owner-router.ts'

type Branch = { readonly [name: string]: unknown }

/** Returns the part of the router that `windowApi` lists. A procedure that isn't in that contract can't be reached. */
export function windowHalf(router: OwnerRouter): object {
  return half(windowApi, router as unknown as Branch)
}

function half(contract: Branch, router: Branch): Branch {
  return Object.fromEntries(
    Object.entries(contract).map(([name, part]) => [
      name,
      isContractProcedure(part) ? router[name] : half(part as Branch, (router[name] ?? {}) as Branch),
    ]),
  )
}

/** Returns the paths of all its procedures, such as `/tokens/create`. */
export function windowPaths(contract: Branch = windowApi): string[] {
  return calls(contract).map(({ path }) => path)
}

/** Returns the paths of those that stream. */
export function windowStreams(): string[] {
  return calls(windowApi)
    .filter(({ output }) => getEventIteratorSchemaDetails(output) !== undefined)
    .map(({ path }) => path)
}

function calls(contract: Branch, above = ''): { path: string; output: AnySchema | undefined }[] {
  return Object.entries(contract).flatMap(([name, part]) => {
    const path = `${above}/${name}`
    return isContractProcedure(part) ? [{ path, output: part['~orpc'].outputSchema }] : calls(part as Branch, path)
  })
}
