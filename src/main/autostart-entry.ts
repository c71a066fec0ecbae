/** Returns a desktop entry (freedesktop.org, version 1.5) that starts the program at login. */
export function autostartEntry(program: string, args: readonly string[]): string {
  const lines = [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Hallpass',
    'Comment=Gives agents and scripts limited tokens instead of your keys',
    `Exec=${[program, ...args].map(quoted).join(' ')}`,
    'Icon=hallpass',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
  ]
  return `${lines.join('\n')}\n`
}

/**
 * Returns whether the entry is active. Desktop environments disable an entry with a line in it rather than removing it.
 */
export function isAutostartOn(text: string): boolean {
  return !/^(Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/im.test(text)
}

/**
 * Quotes an argument of an Exec line. The shell's characters are escaped once for the quotes and again for the line.
 */
function quoted(argument: string): string {
  const escaped = argument.replaceAll(/["`$\\]/g, String.raw`\$&`).replaceAll('%', '%%')
  return `"${escaped.replaceAll('\\', '\\\\')}"`
}
