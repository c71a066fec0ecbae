import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { nameSchema } from './names.ts'
import { attentionApi } from './owner-api/attention-api.ts'
import { ATTENTION_GROUPS } from './owner-api/attention-kinds.ts'
import { clientsApi } from './owner-api/clients-api.ts'
import { configurationApi } from './owner-api/configuration-api.ts'
import { connectionsApi } from './owner-api/connections-api.ts'
import { preferencesApi } from './owner-api/screens/preferences-api.ts'
import { presetsApi } from './owner-api/presets-api.ts'
import { requestsApi } from './owner-api/requests-api.ts'
import { searchApi } from './owner-api/search-api.ts'
import { ended, named, nothing } from './owner-api/shared-schemas.ts'
import { MAX_PAYLOAD_DAYS } from './request-details.ts'
import { viewsApi } from './owner-api/views-api.ts'
import { sessionsApi, tokensApi } from './owner-api/tokens-api.ts'
import { approvalRecordSchema, dependentsSchema, PROJECT_MODES, projectRecordSchema } from './records.ts'
import { LISTEN_SETTINGS, ownAnswerCharsSchema, reachableWordSchema, settingsSchema } from './settings.ts'

/** Topics that an interface can subscribe to. `state` covers pausing, resuming and notices. */
export const CHANGE_TOPICS = [
  'state',
  'settings',
  'projects',
  'connections',
  'health',
  'tokens',
  'sessions',
  'approvals',
  'attention',
  'views',
  'presets',
  'clients',
  'preferences',
] as const
export type ChangeTopic = (typeof CHANGE_TOPICS)[number]

/** Who paused all access. */
const PAUSED_BY = ['owner', 'lock'] as const
export type PausedBy = (typeof PAUSED_BY)[number]

/** What can prevent requests: the log can't be written, its disk is full, or the secret store doesn't work. */
const PROBLEM_SOURCES = ['log', 'disk', 'secrets'] as const
export type ProblemSource = (typeof PROBLEM_SOURCES)[number]

/** Errors cross the owner API as oRPC errors. Their data is OwnerErrorData and their message is the sentence. */
export const ownerApi = {
  status: oc.output(
    z.object({
      version: z.string(),
      pid: z.int(),
      home: z.string(),
      url: z.string(),
      started_at: z.string(),
      paused: z.boolean(),
      paused_since: z.string().nullable().describe('When all access was paused'),
      paused_by: z.enum(PAUSED_BY).nullable().describe('lock: the desktop app, while the screen was locked'),
      secret_store: z.string(),
      secret_store_kind: z
        .enum(['keychain', 'vault', 'none'])
        .describe('Where secrets are stored; none: nowhere, and `secret_store` says why'),
      tokens_active: z.int(),
      sessions_active: z.int(),
      requests_today: z.int(),
      approvals_waiting: z.int(),
      connections_down: z.array(z.string()),
      secret_store_ok: z.boolean(),
      last_request_at: z.string().nullable(),
      notices: z.array(z.string()),
      problems: z
        .array(z.object({ with: z.enum(PROBLEM_SOURCES), sentence: z.string() }))
        .describe('What prevents requests from being served, worst first'),
      listening: z
        .object({
          host: z.string(),
          port: z.int(),
          beyond_loopback: z.boolean().describe('Whether other computers can reach it'),
          tls: z.boolean(),
        })
        .describe('Where it listens'),
      clients_available: z
        .boolean()
        .describe(
          "False if MCP clients can't be connected, because this copy of Hallpass runs from a temporary location",
        ),
      restart_needed: z
        .array(z.enum(LISTEN_SETTINGS))
        .describe('Settings that changed and take effect after a restart'),
      requests_running: z.int().describe('Requests over HTTP, which a restart of the server interrupts'),
      attention: z
        .object({
          open: z.int().describe('Number of open items that need the owner'),
          worst: z.enum(ATTENTION_GROUPS).nullable(),
          projects: z.record(z.string(), z.enum(ATTENTION_GROUPS)).describe('Worst open item of each project'),
        })
        .describe('What needs the owner'),
      console_url: z.string().optional().describe('URL of the web console, if this engine serves it'),
    }),
  ),
  pause: oc
    .input(z.strictObject({ by: z.enum(PAUSED_BY).optional().describe('Default: owner') }).optional())
    .output(z.object({ paused: z.boolean() })),
  resume: oc.output(z.object({ paused: z.boolean() })),
  /** Asks the keychain or the vault now, which may ask the user to unlock it. */
  checkSecretStore: oc.output(z.object({ problem: z.string().nullable().describe('null: it works') })),
  stop: oc.output(nothing),
  /** Writes a backup to a new file on the engine's computer, readable only by its user. */
  backUp: oc
    .input(z.strictObject({ path: z.string().min(1).max(4096) }))
    .output(z.object({ path: z.string(), bytes: z.int() })),
  /**
   * Names the lists to reload. The first event arrives immediately with every topic. Changes close together arrive as
   * one event.
   */
  changes: { follow: oc.output(eventIterator(z.object({ topics: z.array(z.enum(CHANGE_TOPICS)) }))) },
  settings: {
    get: oc.output(settingsSchema),
    /**
     * Omitted settings don't change. Throws INVALID_REQUEST, and changes nothing, if other computers could reach Hallpass
     * without encryption or without the typed word.
     */
    update: oc
      .input(settingsSchema.partial().extend({ confirm: reachableWordSchema.optional() }))
      .output(settingsSchema),
    /**
     * Listens where the settings say. Requests over HTTP are interrupted; tokens, sessions and everything else stay. Throws
     * INVALID_REQUEST, and keeps the address, if it can't listen there.
     */
    rebind: oc.output(
      z.object({
        url: z.string(),
        page: z
          .string()
          .nullable()
          .describe('Where a page of the web console continues: a link that signs it in, once'),
      }),
    ),
    /** Returns whether Hallpass could listen at an address after a restart, and who can reach it there. Changes nothing. */
    check: oc.input(settingsSchema.pick({ host: true, port: true }).partial()).output(
      z.object({
        free: z.boolean().describe('False if another program listens there'),
        holder: z.string().nullable().describe('Name and process ID of that program, if known'),
        addresses: z.array(z.string()).describe('Addresses at which it can be reached'),
        beyond_loopback: z.boolean().describe('Whether other computers can reach it'),
      }),
    ),
  },
  projects: {
    list: oc.output(z.array(projectRecordSchema)),
    get: oc.input(named).output(projectRecordSchema),
    create: oc.input(named).output(projectRecordSchema),
    /** Omitted fields don't change. `pass_through` must be an MCP connection that the project includes. */
    update: oc
      .input(
        named.extend({
          mode: z.enum(PROJECT_MODES).optional(),
          pass_through: nameSchema.nullable().optional(),
          answer_chars: ownAnswerCharsSchema.optional(),
          description: z.string().max(200).optional(),
          pinned: z.boolean().optional(),
          payloads: z
            .enum(['off', 'on'])
            .optional()
            .describe('Records payloads for `payload_days` from now. off deletes those that were recorded'),
          payload_days: z.int().min(1).max(MAX_PAYLOAD_DAYS).optional().describe('Default: 7'),
        }),
      )
      .output(projectRecordSchema),
    /** Renames the project and ends its session tokens. Its MCP endpoint has the new name. */
    rename: oc.input(named.extend({ new_name: nameSchema })).output(projectRecordSchema),
    delete: oc.input(named).output(ended),
    dependents: oc.input(named).output(dependentsSchema),
  },
  connections: connectionsApi,
  tokens: tokensApi,
  sessions: sessionsApi,
  requests: requestsApi,
  approvals: {
    list: oc.output(z.array(approvalRecordSchema)),
    /**
     * `once` allows this request, `while` allows it for ttl_seconds, `always` allows it for this token from now on.
     * Throws INVALID_REQUEST if the approval no longer exists.
     */
    decide: oc
      .input(z.strictObject({ id: z.string().min(1).max(128), decision: z.enum(['once', 'while', 'always', 'deny']) }))
      .output(nothing),
  },
  attention: attentionApi,
  views: viewsApi,
  search: searchApi,
  presets: presetsApi,
  preferences: preferencesApi,
  clients: clientsApi,
  configuration: configurationApi,
  console: {
    /**
     * A link that signs in one browser to the web console, once, within 60 seconds. Throws INVALID_REQUEST if this
     * engine has no console.
     */
    signInLink: oc.output(z.object({ url: z.string(), expires_at: z.string() })),
    /** Signs out every browser. */
    signOutAll: oc.output(z.object({ browsers: z.int() })),
  },
}

export type OwnerApi = typeof ownerApi

/**
 * The part of the owner API that the window and the web console can call. It can't stop the engine, create sign-in
 * links (except by moving the server) or apply a configuration file, which could widen a token.
 */
const { stop: _stop, backUp: _backUp, console: _console, configuration: _configuration, ...windowApi } = ownerApi
export { windowApi }
export type WindowApi = typeof windowApi
