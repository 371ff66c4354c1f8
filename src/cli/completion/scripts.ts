/** The completion scripts: each asks `cortex-secrets __complete` for what may follow, and leaves file names to its shell. */

export const COMPLETION_SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# bash completion of cortex-secrets
_cortex_secrets() {
  local kind= line word=\${COMP_WORDS[COMP_CWORD]}
  [ "$word" = "=" ] && word=
  COMPREPLY=()
  while IFS= read -r line; do
    if [ -z "$kind" ]; then kind=$line; continue; fi
    line=\${line%%$'\\t'*}
    if [ "\${line:0:\${#word}}" = "$word" ]; then COMPREPLY+=("$line"); fi
  done < <(cortex-secrets __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [ "$kind" = files ]; then
    # Readline completes file names better than compgen does: with spaces, quotes and ~.
    compopt -o default 2>/dev/null || { local IFS=$'\\n'; COMPREPLY=( $(compgen -f -- "$word") ); }
  fi
}
complete -F _cortex_secrets cortex-secrets
`,

  zsh: `# zsh completion of cortex-secrets
_cortex_secrets() {
  local -a lines described
  local line
  lines=("\${(@f)$(cortex-secrets __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == files ]]; then
    [[ $words[CURRENT] == --*=* ]] && compset -P '*='
    _files
    return
  fi
  for line in "\${(@)lines[2,-1]}"; do
    described+=("\${\${line%%$'\\t'*}//:/\\\\:}\${\${(M)line#*$'\\t'}:+:\${line#*$'\\t'}}")
  done
  _describe -t cortex-secrets cortex-secrets described
}
compdef _cortex_secrets cortex-secrets
`,

  fish: `# fish completion of cortex-secrets
function __cortex_secrets_complete
    set -l word (commandline -ct)
    set -l before (commandline -opc)
    set -l lines (cortex-secrets __complete -- $before[2..-1] "$word" 2>/dev/null)
    if test "$lines[1]" = files
        __fish_complete_path (string replace -r -- '^--[a-z-]+=' '' "$word")
    else
        printf '%s\\n' $lines[2..-1]
    end
end
complete -c cortex-secrets -f -a '(__cortex_secrets_complete)'
`,
};
