import type { Argument, Command, Option } from 'commander';
import { CODES } from '../codes.js';

/** What may be typed in a place. */
export type Value =
  | { readonly kind: 'file' | 'directory' | 'text' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

/** An option, as a shell needs to know it. */
export interface CompletedOption {
  /** `--yes`, `-y`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined where it takes none. */
  readonly value: Value | undefined;
}

/** A command, as a shell needs to know it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments are; undefined where it takes none. */
  readonly argument: Value | undefined;
}

/** All that there is to complete, taken from the command line's own definition. */
export function describeProgram(program: Command): {
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
} {
  const help = program.createHelp();
  const optionsOf = (command: Command): CompletedOption[] => help.visibleOptions(command).map(describeOption);
  const commands = help.visibleCommands(program);
  return {
    options: optionsOf(program),
    commands: commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      options: command.name() === 'help' ? [] : optionsOf(command),
      argument:
        command.name() === 'help'
          ? { kind: 'words', words: commands.map((other) => other.name()) }
          : describeArgument(command.registeredArguments[0]),
    })),
  };
}

function describeOption(option: Option): CompletedOption {
  const takesValue = option.required || option.optional;
  const name = /[<[]([\w-]+)/.exec(option.flags)?.[1] ?? '';
  return {
    flags: [option.long, option.short].filter((flag) => flag !== undefined),
    description: option.description,
    value: takesValue ? toValue(name, option.argChoices) : undefined,
  };
}

function describeArgument(argument: Argument | undefined): Value | undefined {
  return argument === undefined ? undefined : toValue(argument.name(), argument.argChoices);
}

/** The name of a value in the help says what kind of value it is. */
function toValue(name: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: 'words', words: choices };
  if (name === 'code') return { kind: 'words', words: Object.keys(CODES) };
  if (name === 'file' || name === 'files') return { kind: 'file' };
  return { kind: name === 'dir' ? 'directory' : 'text' };
}
