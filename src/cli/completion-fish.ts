import type { Argument, Command, Option } from 'commander';

/** Completes commands, options, and values that are one of a list, each with its description; paths only where an option takes one. */
export function fishCompletion(program: Command): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const lines = [
    '-f',
    ...help.visibleOptions(program).map(optionOf),
    ...commands.flatMap((command) => {
      const inside = `-n '__fish_seen_subcommand_from ${command.name()}'`;
      return [
        `-n __fish_use_subcommand -a ${command.name()} -d ${quoted(command.description())}`,
        ...help.visibleOptions(command).map((option) => `${inside} ${optionOf(option)}`),
        ...command.registeredArguments.filter(hasChoices).map((argument) => `${inside} ${choicesOf(argument)}`),
      ];
    }),
  ];
  return lines.map((line) => `complete -c clusterer ${line}\n`).join('');
}

function optionOf(option: Option): string {
  const { short, long, description, required, flags } = option;
  const names = [short && `-s ${short.slice(1)}`, long && `-l ${long.slice(2)}`].filter(Boolean);
  const value = flags.includes('<path>')
    ? ['-r -F']
    : [...(required ? ['-x'] : []), ...(hasChoices(option) ? [choicesOf(option)] : [])];
  return [...names, ...value, `-d ${quoted(description)}`].join(' ');
}

type Chosen = Pick<Argument | Option, 'argChoices'>;

function hasChoices({ argChoices }: Chosen): boolean {
  return argChoices !== undefined;
}

function choicesOf({ argChoices = [] }: Chosen): string {
  return `-a ${quoted(argChoices.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
