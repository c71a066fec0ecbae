import type { InferContractRouterOutputs } from '@orpc/contract'
import type { HallpassError } from '../../contract/errors.ts'
import type { OwnerApi } from '../../contract/owner-api.ts'
import type { Settings } from '../../contract/settings.ts'
import type { Access } from '../access/access.ts'
import type { ApprovalDesk } from '../access/approvals.ts'
import type { Bridge } from '../bridge/bridge.ts'
import type { CallOpener } from '../calls/open-call.ts'
import type { Changes } from '../changes.ts'
import type { ClientConnections } from '../clients/client-connections.ts'
import type { Clock } from '../clock.ts'
import type { Closers } from '../closers.ts'
import type { Connectors } from '../connections/connectors.ts'
import type { ConnectionHealth } from '../connections/health.ts'
import type { ClientSightings } from '../log/client-sightings.ts'
import type { PayloadRecorder } from '../log/payloads/payload-recorder.ts'
import type { RequestHistory, RequestLog } from '../log/request-log.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { OwnerSettings } from '../settings.ts'
import type { Store } from '../store/store.ts'

export type OwnerOutputs = InferContractRouterOutputs<OwnerApi>

/** Facts about the engine. Counts come from store and access. */
type EngineFacts = Pick<
  OwnerOutputs['status'],
  | 'version'
  | 'pid'
  | 'home'
  | 'url'
  | 'started_at'
  | 'secret_store'
  | 'secret_store_kind'
  | 'notices'
  | 'listening'
  | 'console_url'
>

/** The part of the web console that the owner API needs. */
export interface ConsoleEntry {
  /**
   * Returns a link that signs in one browser, once, within 60 seconds. Throws a HallpassError if there can't be one.
   */
  signInLink(): OwnerOutputs['console']['signInLink']
  /** Signs out every browser. Throws a HallpassError if there is no console. */
  signOutAll(): OwnerOutputs['console']['signOutAll']
}

export interface OwnerParts {
  store: Store
  access: Access
  approvals: ApprovalDesk
  changes: Changes
  opener: Pick<CallOpener, 'openRow' | 'interruptConnection' | 'countOverHttp'>
  log: RequestLog & RequestHistory
  payloads: Pick<PayloadRecorder, 'read'>
  secrets: SecretStore
  connectors: Pick<Connectors, 'open' | 'check' | 'test' | 'forget' | 'http' | 'mcp'>
  health: ConnectionHealth
  clock: Clock
  closers: Pick<Closers, 'add'>
  settings: OwnerSettings
  /** Missing if no console is served, as in the desktop app. */
  console?: ConsoleEntry
  /** Missing if no client can be connected. */
  clients?: ClientConnections
  sightings: Pick<ClientSightings, 'of' | 'wrote' | 'written' | 'writtenAt'>
  bridge: Pick<Bridge, 'connectedClients' | 'countTools' | 'toolsOf'>
  /** Returns whether the secret store responded to the last check. */
  secretStoreOk(): boolean
  /** Throws INVALID_REQUEST if other computers could reach Hallpass with these settings, unprotected or without a typed confirmation. */
  checkNetwork?(change: { before: Readonly<Settings>; next: Readonly<Settings>; isTyped: boolean }): void
  /** Returns why the changed files of the certificate can't be used, or null. */
  certificateProblem?(): string | null
  /** Listens where the settings say. Throws, and changes nothing, if that fails. */
  rebind(): Promise<void>
  /** Returns the settings that take effect once Hallpass listens elsewhere. */
  restartNeeded(): OwnerOutputs['status']['restart_needed']
  /** Returns what currently prevents requests from being served, worst first. */
  problems(): Promise<OwnerOutputs['status']['problems']>
  /** Checks the secret store now. Returns the sentence of a failure, or null. */
  checkSecretStore(): Promise<string | null>
  status(): EngineFacts
  /** Stops the engine. Called after the response was created. */
  stop(): void
  /** Receives the causes of INTERNAL errors, for the diagnostic log. */
  report?(error: HallpassError): void
}
