import { usageError } from '../errors.ts'

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# hallpass completion for bash. Load it with: source <(hallpass completions bash)
_hallpass() {
  local IFS=$'\\n'
  COMPREPLY=($(hallpass __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _hallpass hallpass
`,
  zsh: `#compdef hallpass
# hallpass completion for zsh. Load it with: source <(hallpass completions zsh)
_hallpass() {
  local -a found
  found=("\${(@f)$(hallpass __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "$found" ]] && compadd -a found || _files
}
compdef _hallpass hallpass
`,
  fish: `# hallpass completion for fish. Load it with: hallpass completions fish | source
function __hallpass_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (hallpass __complete $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c hallpass -f -a '(__hallpass_complete)'
`,
}

/** Prints a completion script. The script asks `hallpass __complete` for candidates, so that live names are completed too. */
export function completions(shell: string): void {
  const script = SCRIPTS[shell]
  if (script === undefined) throw usageError(`Unknown shell "${shell}". Use bash, zsh or fish.`)
  process.stdout.write(script)
}
