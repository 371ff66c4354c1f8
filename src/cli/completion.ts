/** Completion scripts, generated from the commands and their options. */
import type { Command, Option } from 'commander';

interface CompletionOption {
  readonly name: string;
  readonly description: string;
  /** Whether a value follows it. */
  readonly takesValue: boolean;
}

interface CompletionCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletionOption[];
}

export function completionTable(program: Command): CompletionCommand[] {
  const global = [...program.options.filter(({ long }) => long !== '--version').map(entryOf), HELP];
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [...command.options.map(entryOf), ...(command.name() === 'mock' ? [HELP] : global)],
  }));
}

const HELP: CompletionOption = { name: '--help', description: 'display help', takesValue: false };

const entryOf = ({ long, description, required }: Option): CompletionOption => ({
  name: long ?? '',
  description,
  takesValue: required,
});

/** Words that follow an option or a command, and no file name. */
const WORDS: Record<string, string> = {
  '--output': 'table json ndjson tsv',
  '--format': 'env json yaml',
  '--on-existing': 'update skip fail',
  completion: 'bash zsh fish',
};
const optionNames = (command: CompletionCommand) => command.options.map(({ name }) => name).join(' ');
const withWords = Object.entries(WORDS).filter(([name]) => name.startsWith('--'));

export const COMPLETION_SCRIPTS: Record<string, (table: readonly CompletionCommand[]) => string> = {
  bash: (table) => `# bash completion of cortex-secrets
_cortex_secrets() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=""
  case $before in
${withWords.map(([name, words]) => `    ${name}) words="${words}" ;;`).join('\n')}
    --value-file|--report|--resume|--seed|--tls-cert|--tls-key) COMPREPLY=( $(compgen -f -- "$word") ); return ;;
    --value-env) COMPREPLY=( $(compgen -e -- "$word") ); return ;;
  esac
  if [ -z "$words" ]; then
    case \${COMP_WORDS[1]}-$COMP_CWORD in
      *-1) words="${table.map(({ name }) => name).join(' ')} --help --version" ;;
      completion-2) words="${WORDS.completion}" ;;
${table.map((command) => `      ${command.name}-*) words="${optionNames(command)}" ;;`).join('\n')}
    esac
  fi
  COMPREPLY=( $(compgen -W "$words" -- "$word") )
}
complete -o default -F _cortex_secrets cortex-secrets
`,

  zsh: (table) => `# zsh completion of cortex-secrets
_cortex_secrets() {
  local -a commands
  commands=(
${table.map(({ name, description }) => `    ${quoted(`${name}:${description.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${table.map((command) => `    ${command.name}) _arguments ${zshOptions(command)} ;;`).join('\n')}
  esac
}
compdef _cortex_secrets cortex-secrets
`,

  fish: (table) =>
    [
      '# fish completion of cortex-secrets',
      'complete -c cortex-secrets -n __fish_use_subcommand -f',
      ...table.flatMap(({ name, description, options }) => [
        `complete -c cortex-secrets -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
        ...options.map((option) => fishOption(name, option)),
      ]),
      `complete -c cortex-secrets -n '__fish_seen_subcommand_from completion' -f -a '${WORDS.completion}'`,
      '',
    ].join('\n'),
};

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function zshOptions({ name, options }: CompletionCommand): string {
  const specs = options.map((option) => {
    const description = option.description.replaceAll(/[[\]:]/g, '\\$&');
    const words = WORDS[option.name];
    const value = option.takesValue ? `:value:${words ? `(${words})` : '_files'}` : '';
    return quoted(`${option.name}[${description}]${value}`);
  });
  return [...specs, quoted(`*:argument:${WORDS[name] ? `(${WORDS[name]})` : '_files'}`)].join(' ');
}

function fishOption(command: string, { name, description, takesValue }: CompletionOption): string {
  const words = WORDS[name];
  const value = takesValue ? ` -r${words ? ` -f -a '${words}'` : ''}` : '';
  const shown = description ? ` -d ${quoted(description)}` : '';
  return `complete -c cortex-secrets -n '__fish_seen_subcommand_from ${command}' -l ${name.slice(2)}${value}${shown}`;
}
