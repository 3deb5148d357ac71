import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Help, Option } from 'commander';
import { programFor } from '../cli/run.js';

/** What the program does not say of itself: the parts of docs/cli.md and docs/operations.md that a person wants at a terminal. */
const AFTER_COMMANDS = `.SH EXIT STATUS
.TP
.B 0
success, or the reader has closed the pipe
.TP
.B 1
the service refused the request, or the command was only partially done
.TP
.B 2
usage error, or a value that the service finds invalid
.TP
.B 3
the service cannot be reached, or the URL is not that of a service
.TP
.BR 130 ,\\  143 ,\\  129
.B watch
or
.B listen
was ended by SIGINT, SIGTERM or SIGHUP
.PP
.B serve
has the exit codes of the service: 0 after an orderly stop, otherwise 1.`;

const AT_THE_END = `.SH FILES
.TP
.I .env
in the working directory of
.BR serve :
variables of the service, one
.IR NAME = value
a line. The environment wins.
.TP
.I /etc/clusterer/clusterer.env
the variables, where the Debian package runs the service
.SH EXAMPLES
.nf
clusterer list \\-\\-cluster 1
clusterer drain 1 2 \\-\\-for 30m \\-\\-reason \\(aqkernel update\\(aq
clusterer status 1 2 up
clusterer listen ul \\-\\-cluster 1 \\-\\-decode
.fi
.SH SEE ALSO
.I docs/cli.md
says what each command prints, and
.I docs/guides
shows them at work. The Debian package has both in
.IR /usr/share/doc/clusterer .`;

/** The page docs/clusterer.1, for man(1): the commands, arguments and options as the program itself has them. */
export function manPage(): string {
  const program = programFor(process, () => {});
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help');
  const globals = help.visibleOptions(program).filter((option) => option.long !== '--help');
  const lines = [
    '.\\" Written by npm run openapi from the commands in src/cli.',
    '.TH CLUSTERER 1 "" Clusterer "User Commands"',
    '.SH NAME',
    'clusterer \\- registry and packet hub for OpenSIPS clusters',
    '.SH SYNOPSIS',
    '.B clusterer',
    '.I command',
    '.RI [ options ]\\ [ arguments ]',
    '.SH DESCRIPTION',
    text(program.description()),
    'Options may stand anywhere after',
    '.BR clusterer ,',
    'and take precedence over their variables.',
    '.SH OPTIONS',
    ...globals.flatMap((option) => optionEntry(help, option)),
    '.SH COMMANDS',
    ...commands.flatMap((command) => commandSection(help, command)),
    AFTER_COMMANDS,
    '.SH ENVIRONMENT',
    ...globals.flatMap(variableEntry),
    '.TP',
    '.B NODE_EXTRA_CA_CERTS',
    'file of the authority that has signed the certificate of the service, if it is your own',
    '.TP',
    '.B NO_COLOR',
    'no colours, on terminals too',
    AT_THE_END,
  ];
  return `${lines.join('\n')}\n`;
}

function commandSection(help: Help, command: Command): string[] {
  const options = help.visibleOptions(command).filter((option) => option.long !== '--help');
  return [
    `.SS ${term(help.commandUsage(command).replace(/^clusterer /, ''))}`,
    text(sentence(command.description())),
    ...help
      .visibleArguments(command)
      .flatMap((argument) => entry(help.argumentTerm(argument), help.argumentDescription(argument))),
    ...options.flatMap((option) => optionEntry(help, option)),
  ];
}

function optionEntry(help: Help, option: Option): string[] {
  return entry(help.optionTerm(option), help.optionDescription(option));
}

function entry(name: string, description: string): string[] {
  return ['.TP', `.B ${term(name)}`, text(description)];
}

function variableEntry({ envVar, long }: Option): string[] {
  return envVar === undefined ? [] : ['.TP', `.B ${term(envVar)}`, `as \\fB${term(long ?? '')}\\fR`];
}

function sentence(description: string): string {
  return `${description.charAt(0).toUpperCase()}${description.slice(1)}.`;
}

/** Text that is copied to a shell: a hyphen stays a hyphen. */
function term(words: string): string {
  return escaped(words).replaceAll('-', '\\-');
}

/** A paragraph. What stands between backticks is bold. */
function text(words: string): string {
  const bold = escaped(words).replaceAll(
    /`([^`]*)`/g,
    (_all, code: string) => `\\fB${code.replaceAll('-', '\\-')}\\fR`,
  );
  return bold
    .replaceAll(/(?<=^|\s)--?(?=[a-z])/g, (hyphens) => hyphens.replaceAll('-', '\\-'))
    .replace(/^(?=[.'])/, '\\&');
}

/** A page of man(1) is ASCII. */
function escaped(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll(
      /[^\x20-\x7e]/g,
      (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

if (require.main === module) writeFileSync(join(__dirname, '../../docs/clusterer.1'), manPage());
