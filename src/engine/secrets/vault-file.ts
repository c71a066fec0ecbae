import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto'
import { z } from 'zod'
import { HallpassError } from '../../contract/errors.ts'

/**
 * Text of a file of encrypted secrets. Every byte is authenticated:
 *
 *     {"hallpass_vault":1,"kdf":"scrypt","n":…,"r":…,"p":…,"salt":"…"}   header; or {…,"kdf":"keychain","account":"key-…"}
 *     check <HMAC of the header>                                        distinguishes a wrong key from a damaged file
 *     <account> <iv> <ciphertext and tag>                               one line per secret, hex
 *     seal <HMAC of all lines above>                                    detects removed, swapped or restored lines
 *
 * Each secret is encrypted with AES-256-GCM, with header and account name as associated data, so that a line moved to
 * another account or file can't be decrypted.
 */
export interface Vault {
  header: string
  names: VaultNames
  entries: Map<string, { iv: string; sealed: string }>
}

/** Names of the file and its key in error sentences. */
export interface VaultNames {
  file: string
  key: string
}

export interface VaultKeys {
  cipher: Buffer
  mac: Buffer
}

const keychainHeaderSchema = z.strictObject({
  hallpass_vault: z.literal(1),
  kdf: z.literal('keychain'),
  account: z.string().regex(/^key-[0-9a-f]{32}$/),
})

const scryptHeaderSchema = z.strictObject({
  hallpass_vault: z.literal(1),
  kdf: z.literal('scrypt'),
  // Limited, because the header is read before anything is authenticated, and a forged one must not exhaust memory.
  n: z.union([16, 17, 18].map((bits) => z.literal(2 ** bits))),
  r: z.literal(8),
  p: z.literal(1),
  salt: z.string().regex(/^[0-9a-f]{64}$/),
})

export function newKeychainHeader(): string {
  return JSON.stringify({ hallpass_vault: 1, kdf: 'keychain', account: `key-${randomBytes(16).toString('hex')}` })
}

export function newScryptHeader(): string {
  return JSON.stringify({
    hallpass_vault: 1,
    kdf: 'scrypt',
    n: 2 ** 17,
    r: 8,
    p: 1,
    salt: randomBytes(32).toString('hex'),
  })
}

/** Takes some tenths of a second and 128 MiB on a thread of the pool. */
export function deriveFromPassphrase(vaultKey: string, header: string, names: VaultNames): Promise<VaultKeys> {
  const { n, r, p, salt } = readHeader(scryptHeaderSchema, header, names)
  return new Promise((resolve, reject) => {
    scrypt(
      vaultKey.normalize('NFC'),
      Buffer.from(salt, 'hex'),
      64,
      { N: n, r, p, maxmem: 256 * n * r },
      (error, bytes) => {
        if (error === null) resolve({ cipher: bytes.subarray(0, 32), mac: bytes.subarray(32) })
        else reject(error)
      },
    )
  })
}

/** Derives keys from 32 random bytes, which needs no slow derivation. */
export function deriveFromRandomKey(key: Buffer, header: string): VaultKeys {
  const bytes = Buffer.from(hkdfSync('sha256', key, header, 'hallpass secrets', 64))
  return { cipher: bytes.subarray(0, 32), mac: bytes.subarray(32) }
}

/** Returns the keychain account with the key of a file that has this header. */
export function keyAccountOf(header: string, names: VaultNames): string {
  return readHeader(keychainHeaderSchema, header, names).account
}

/** Returns the first line, which the keys are derived from. */
export function headerOf(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

/** Decrypts the whole text. Throws SECRET_UNAVAILABLE for a wrong key or a damaged file. */
export function parseVault(text: string, keys: VaultKeys, names: VaultNames): Vault {
  const lines = text.split('\n')
  if (lines.length < 4 || lines.at(-1) !== '') throw damaged(names)
  const [header = '', check = ''] = lines
  if (!same(check, `check ${mac(keys, header)}`)) {
    throw new HallpassError(
      'SECRET_UNAVAILABLE',
      `Couldn't open the ${names.file}. ${names.key} is wrong, or the file was changed outside Hallpass.`,
    )
  }
  const body = lines.slice(0, -2).join('\n')
  if (!same(lines.at(-2) ?? '', `seal ${mac(keys, body)}`)) throw damaged(names)
  const entries: Vault['entries'] = new Map()
  for (const line of lines.slice(2, -2)) {
    const [account = '', iv = '', sealed = ''] = line.split(' ')
    entries.set(account, { iv, sealed })
  }
  return { header, names, entries }
}

export function formatVault(vault: Vault, keys: VaultKeys): string {
  const lines = [vault.header, `check ${mac(keys, vault.header)}`]
  for (const [account, { iv, sealed }] of vault.entries) lines.push(`${account} ${iv} ${sealed}`)
  return `${lines.join('\n')}\nseal ${mac(keys, lines.join('\n'))}\n`
}

export function sealEntry(vault: Vault, keys: VaultKeys, account: string, value: string): void {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keys.cipher, iv).setAAD(associated(vault.header, account))
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
  vault.entries.set(account, { iv: iv.toString('hex'), sealed: sealed.toString('hex') })
}

/** Returns the value of the account, or null. Throws SECRET_UNAVAILABLE for an entry that can't be decrypted. */
export function openEntry(vault: Vault, keys: VaultKeys, account: string): string | null {
  const entry = vault.entries.get(account)
  if (entry === undefined) return null
  const sealed = Buffer.from(entry.sealed, 'hex')
  try {
    const decipher = createDecipheriv('aes-256-gcm', keys.cipher, Buffer.from(entry.iv, 'hex'), { authTagLength: 16 })
    decipher.setAAD(associated(vault.header, account)).setAuthTag(sealed.subarray(-16))
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw damaged(vault.names, cause)
  }
}

function readHeader<T>(schema: z.ZodType<T>, header: string, names: VaultNames): T {
  try {
    return schema.parse(JSON.parse(header))
  } catch (cause) {
    throw damaged(names, cause)
  }
}

function damaged({ file }: VaultNames, cause?: unknown): HallpassError {
  return new HallpassError(
    'SECRET_UNAVAILABLE',
    `The ${file} is damaged or was changed outside Hallpass. Restore a backup, or move the file away and replace the connections' secrets.`,
    { cause },
  )
}

function associated(header: string, account: string): Buffer {
  return Buffer.from(`${header}\n${account}`)
}

function mac(keys: VaultKeys, text: string): string {
  return createHmac('sha256', keys.mac).update(text).digest('hex')
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
