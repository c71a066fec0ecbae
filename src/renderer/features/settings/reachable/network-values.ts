import type { Settings } from '../../../../contract/settings.ts'

/** Values of the form for other computers. */
export interface NetworkValues {
  host: string
  by: 'tls' | 'proxy'
  cert: string
  key: string
  proxy: string
  publicUrl: string
  word: string
}

/** Returns the form's values of stored settings. Suggests all addresses if other computers can't reach Hallpass yet. */
export function valuesOf({ host, tls, trusted_proxy: proxies, public_url: publicUrl }: Settings): NetworkValues {
  return {
    host: /^(?:127\.|localhost$|::1$)/.test(host) ? '0.0.0.0' : host,
    by: tls === null && proxies.length > 0 ? 'proxy' : 'tls',
    cert: tls?.cert ?? '',
    key: tls?.key ?? '',
    proxy: proxies.join(', '),
    publicUrl: publicUrl ?? '',
    word: '',
  }
}

/** Returns the settings of the form's values. Settings that aren't chosen are removed. */
export function changeOf({ host, by, cert, key, proxy, publicUrl }: NetworkValues) {
  const files = { cert: cert.trim(), key: key.trim() }
  return {
    host: host.trim(),
    tls: by === 'tls' && files.cert + files.key !== '' ? files : null,
    trusted_proxy: by === 'proxy' ? proxy.split(/[\s,]+/).filter((one) => one !== '') : [],
    public_url: publicUrl.trim() === '' ? null : publicUrl.trim(),
  }
}
