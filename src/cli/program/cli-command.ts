import { Command, Option } from 'commander'
import { usageError } from '../errors.ts'
import { closestName } from '../closest-name.ts'

/** A commander command that reports what is wrong with its arguments in Hallpass's own sentences. */
export class CliCommand extends Command {
  override createCommand(name?: string): CliCommand {
    return new CliCommand(name)
  }

  /** Adds the examples that end every help text. */
  examples(...lines: string[]): this {
    return this.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`)
  }

  missingArgument(name: string): never {
    throw usageError(`Missing argument: ${name.toUpperCase()}. ${this.#seeHelp()}`)
  }

  missingMandatoryOptionValue(option: Option): never {
    throw usageError(`Missing required option: ${option.flags}`)
  }

  optionMissingArgument(option: Option): never {
    throw usageError(`Missing value for ${option.flags}`)
  }

  unknownOption(flag: string): never {
    const flags = this.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? [])
    const close = closestName(flag, flags)
    throw usageError(
      `Unknown option ${flag}.${close === null ? '' : ` The closest option is ${close}.`} ${this.#seeHelp()}`,
    )
  }

  unknownCommand(): never {
    const word = this.args[0] ?? ''
    const close = closestName(
      word,
      this.commands.map((command) => command.name()),
    )
    throw usageError(
      `Unknown command "${word}".${close === null ? '' : ` The closest command is ${close}.`} Run ${fullName(this)} --help for a list.`,
    )
  }

  /** Overrides the method that commander calls for arguments that the command doesn't declare. */
  _excessArguments(received: readonly string[]): void {
    if ((this as unknown as { _allowExcessArguments: boolean })._allowExcessArguments) return
    // Groups such as `create` have no action, so the first word was meant as a subcommand.
    if (this.commands.length > 0) this.unknownCommand()
    const extra = received.slice(this.registeredArguments.length).map((word) => `"${word}"`)
    throw usageError(`Unexpected argument${extra.length === 1 ? '' : 's'}: ${extra.join(', ')}. ${this.#seeHelp()}`)
  }

  #seeHelp(): string {
    return `See ${fullName(this)} --help`
  }
}

/** Returns a command's name after those of its parents. */
export function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}

/** Returns an option that accepts only these values. */
export function choiceOption(flags: string, description: string, values: readonly string[]): Option {
  const option = new Option(flags, description).choices(values)
  return option.argParser((value: string) => {
    if (!values.includes(value)) throw usageError(`Invalid value "${value}" for ${option.long}. Use ${orList(values)}.`)
    return value
  })
}

function orList(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}
