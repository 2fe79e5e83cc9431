import type { CompletedCommand, CompletedOption, describeProgram, Value } from './completion.js';
import type { Shell } from './shells.js';

type Described = ReturnType<typeof describeProgram>;

/** The script that teaches a shell to complete the command line; complete in itself, it starts no process. */
export function completionScript(shell: Shell, described: Described): string {
  return { bash, zsh, fish }[shell](described);
}

/**
 * For bash 3.2 (macOS), which reads nothing from `source <(…)`, and later. Where COMPREPLY is empty, `-o default`
 * completes files.
 */
function bash({ options, commands }: Described): string {
  const values = commands.flatMap(({ name, options: own }) =>
    own.flatMap(({ flags, value }) => {
      const places = flags.map((flag) => `'${name} ${flag}'`).join(' | ');
      return value === undefined ? [] : [`    ${places}) ${bashReply(value)}return ;;`];
    }),
  );
  const words = commands.map(
    ({ name, options: own }) => `    '${name} -'*) words='${flagsOf(own).join(' ')}' ;;`,
  );
  const args = commands.map(
    ({ name, argument = { kind: 'text' } }) => `    '${name} '*) ${bashReply(argument)}return ;;`,
  );
  return `# Completion of rokt-capi for bash. Put this into ~/.bashrc: eval "$(rokt-capi completion bash)"
_rokt_capi() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' word words=''
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      -*) ;;
      *) command=$word; break ;;
    esac
  done
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case "$command $previous" in
${values.join('\n')}
  esac
  case "$command $current" in
    ' -'*) words='${flagsOf(options).join(' ')}' ;;
    ' '*) words='${commands.map(({ name }) => name).join(' ')}' ;;
${words.join('\n')}
${args.join('\n')}
  esac
  _rokt_capi_reply -W "$words"
}
_rokt_capi_reply() {
  compopt +o default 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$@" -- "$current")
}
complete -o default -F _rokt_capi rokt-capi
`;
}

/** What answers with a value, followed by a space; nothing for a file. */
function bashReply(value: Value): string {
  if (value.kind === 'words') return `_rokt_capi_reply -W '${value.words.join(' ')}'; `;
  if (value.kind === 'directory') return 'compopt -o filenames 2>/dev/null; _rokt_capi_reply -d; ';
  return value.kind === 'file' ? '' : 'compopt +o default 2>/dev/null; ';
}

function zsh({ options, commands }: Described): string {
  const described = commands.map(
    ({ name, description }) => `        ${zshQuote(`${name}:${description.replaceAll(':', '\\:')}`)}`,
  );
  return `#compdef rokt-capi
# Completion of rokt-capi for zsh. Put this into ~/.zshrc, after compinit: source <(rokt-capi completion zsh)
_rokt-capi() {
  local curcontext="$curcontext" state line
  _arguments -C \\
    ${[...options.map(zshOption), "'1: :->command'", "'*:: :->arguments'"].join(' \\\n    ')}
  case $state in
    command)
      local -a commands=(
${described.join('\n')}
      )
      _describe -t commands command commands
      ;;
    arguments)
      case $words[1] in
${commands.map(zshCommand).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _rokt-capi ]]; then
  _rokt-capi "$@"
else
  compdef _rokt-capi rokt-capi
fi
`;
}

function zshCommand({ name, options, argument }: CompletedCommand): string {
  const specs = [
    ...options.map(zshOption),
    ...(argument === undefined ? [] : [zshQuote(zshArgument(argument))]),
  ];
  return `        ${name})\n          _arguments ${specs.join(' \\\n            ')}\n          ;;`;
}

function zshOption({ flags, description, value }: CompletedOption): string {
  const text = description.replaceAll(/[[\]:\\]/g, '\\$&');
  return flags
    .map((flag) =>
      zshQuote(
        value === undefined
          ? `${flag}[${text}]`
          : `*${flag}${flag.startsWith('--') ? '=' : '+'}[${text}]:${zshValue(value)}`,
      ),
    )
    .join(' ');
}

/** Of a text nothing is known: a message in its place would keep options from being completed. */
function zshArgument(argument: Value): string {
  return argument.kind === 'text' ? '*: :()' : `*:${zshValue(argument)}`;
}

function zshValue(value: Value): string {
  if (value.kind === 'words') return `value:(${value.words.join(' ')})`;
  if (value.kind === 'file') return 'file:_files';
  return value.kind === 'directory' ? 'directory:_files -/' : 'value: ';
}

function zshQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fish({ options, commands }: Described): string {
  const lines = [
    '# Completion of rokt-capi for fish: rokt-capi completion fish > ~/.config/fish/completions/rokt-capi.fish',
    'complete -c rokt-capi -f',
    ...options.map((option) => `complete -c rokt-capi -n __fish_use_subcommand ${fishOption(option)}`),
  ];
  for (const { name, description, options: own, argument } of commands) {
    lines.push(`complete -c rokt-capi -n __fish_use_subcommand -a ${name} -d ${fishQuote(description)}`);
    const within = `complete -c rokt-capi -n '__fish_seen_subcommand_from ${name}'`;
    lines.push(...own.map((option) => `${within} ${fishOption(option)}`));
    if (argument !== undefined && argument.kind !== 'text') lines.push(`${within} ${fishValue(argument)}`);
  }
  return `${lines.join('\n')}\n`;
}

function fishOption({ flags, description, value }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const taken = value === undefined ? '' : ` -r ${fishValue(value)}`.trimEnd();
  return `${names.join(' ')} -d ${fishQuote(description)}${taken}`;
}

function fishValue(value: Value): string {
  if (value.kind === 'words') return `-f -a ${fishQuote(value.words.join(' '))}`;
  if (value.kind === 'file') return '-F';
  return value.kind === 'directory' ? "-f -a '(__fish_complete_directories)'" : '-f';
}

function fishQuote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}

function flagsOf(options: readonly CompletedOption[]): readonly string[] {
  return options.flatMap(({ flags }) => flags);
}
