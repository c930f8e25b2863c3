/** The options of a command, defined only where somebody looks at them: a line is about one command of all. */
import type { Command } from 'commander'

/**
 * Defines the options of a command, and what its help says after them, when its options are first looked
 * at: by the parser, by its help, by a completion or by a test. The list of the commands looks at none.
 *
 * @param command has its arguments
 * @example
 * optionsLater(command, () => command.option('--json', 'print JSON'))
 */
export function optionsLater(command: Command, define: () => void): void {
  const { options } = command
  // Kept as it is, because a command tells its usage by its options.
  command.usage(command.usage())
  Object.defineProperty(command, 'options', {
    configurable: true,
    get: () => {
      Object.defineProperty(command, 'options', { value: options, writable: true })
      define()
      return options
    },
  })
}
