import type { Command } from 'commander'
import { usageError } from '../errors.ts'

const ENVIRONMENT = `Environment variables:
  HALLPASS_HOME           Data folder (default: the operating system's data folder for your user)
  HALLPASS_PORT           Port (default: 7717). Overrides the setting
  HALLPASS_HOST           Listen address (default: 127.0.0.1). Overrides the setting
  HALLPASS_ALLOW_NETWORK  1: the listen address can be one that other computers reach
  HALLPASS_TLS_CERT       File with the certificate chain for HTTPS (PEM)
  HALLPASS_TLS_KEY        File with its private key (PEM), readable only by you
  HALLPASS_TRUSTED_PROXIES  Addresses or networks of reverse proxies, separated by commas
  HALLPASS_PUBLIC_URL     URL at which others reach Hallpass
  HALLPASS_METRICS        1: serve GET /metrics in the Prometheus text format
  HALLPASS_LOG_FORMAT     json: print every request to stdout as one line of JSON
  HALLPASS_VAULT_KEY      Passphrase of at least 16 characters. Secrets go to an encrypted vault file
                          instead of the keychain
  HALLPASS_VAULT_KEY_FILE File with that passphrase, readable only by you
  HALLPASS_VAULT_KEY_FD   Number of an open descriptor from which that passphrase is read
  HALLPASS_LOG_LEVEL      Level of the diagnostic log on stderr: trace, debug, info, warn, error,
                          fatal or silent (default: info)
  HALLPASS_TOKEN          Token that hallpass test mcp uses

Set by hallpass run for the command it runs:
  HALLPASS_TOKEN          Session token
  HALLPASS_URL            Base URL of Hallpass
  HALLPASS_PROXY_URL      URL to send requests to

Examples:
  HALLPASS_HOME=/srv/hallpass HALLPASS_PORT=8080 hallpass serve
`

/** Prints the help of a command, of the program, or the list of environment variables. */
export function help(topic: readonly string[], program: Command): void {
  if (topic.length === 1 && topic[0] === 'environment') {
    process.stdout.write(ENVIRONMENT)
    return
  }
  let command = program
  for (const word of topic) {
    const next = command.commands.find((one) => one.name() === word)
    if (next === undefined)
      throw usageError(`No help for "${topic.join(' ')}". Run hallpass --help for a list of commands.`)
    command = next
  }
  command.outputHelp()
}
