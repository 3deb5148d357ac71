import type { Command, Option } from 'commander';

/**
 * Completes commands, options, and values that are one of a list. For everything else the script returns nothing, so that
 * bash completes names of files.
 */
export function bashCompletion(program: Command): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const globals = help.visibleOptions(program);
  const cases = commands.map((command) => ({
    name: command.name(),
    options: [...help.visibleOptions(command), ...globals],
    values: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  }));
  const all = [{ name: '', options: globals, values: commands.map((command) => command.name()) }, ...cases];
  return `_clusterer() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' options='' values='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${commands.map((command) => command.name()).join('|')}) command=\${COMP_WORDS[index]}; break ;;
    esac
  done
  COMPREPLY=()
  case "$command $previous" in
${all.flatMap(({ name, options }) => options.filter(takesValue).map((option) => valueCase(name, option))).join('\n')}
  esac
  case $command in
${all.map(({ name, options, values }) => `    '${name}') options='${options.map(flagOf).join(' ')}'; values='${values.join(' ')}' ;;`).join('\n')}
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$values" -- "$word")) ;;
  esac
}
complete -o default -F _clusterer clusterer
`;
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function flagOf({ long, short }: Option): string {
  return long ?? short ?? '';
}

/** What follows an option: one of its choices, or a value of the user's. */
function valueCase(command: string, { short, long, argChoices = [] }: Option): string {
  const patterns = [short, long].filter((flag) => flag !== undefined).map((flag) => `'${command} ${flag}'`);
  return `    ${patterns.join('|')}) COMPREPLY=($(compgen -W '${argChoices.join(' ')}' -- "$word")); return ;;`;
}
