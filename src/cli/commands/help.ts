/** `rivet-otel help [COMMAND or TOPIC]`: what a command does, or what there is to know about a topic. */
import type { Command } from 'commander'
import { nearNames } from '../../bridge/near-names.js'
import { RivetOtelError } from '../../problem.js'
import { ExitCode, type ExitCodeValue } from '../exit-code.js'
import type { Terminal } from '../terminal.js'
import { TOPIC_SUMMARIES, type TopicName } from '../topics/topic-names.js'
import { topicText } from '../topics/topic-text.js'
import { TOPICS } from '../topics/topics.js'
import { printable } from '../view/printable.js'

const WIDTH_WITHOUT_TERMINAL = 80
/** Longer lines are hard to read. */
const WIDTH_AT_MOST = 100

/**
 * Prints it; without a name, the list of commands and topics.
 *
 * @throws {RivetOtelError} `USAGE` for a name that is neither, with the near ones.
 * @example
 * await help('environment', program, terminal)
 */
export async function help(
  name: string | undefined,
  program: Command,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const command = name === undefined ? program : program.commands.find((one) => one.name() === name)
  if (command !== undefined) {
    command.outputHelp()
    return ExitCode.DONE
  }
  const topic = topicNames().find((one) => one === name)
  if (topic === undefined) throw unknown(name ?? '', program)
  const width = Math.min(terminal.columns ?? WIDTH_WITHOUT_TERMINAL, WIDTH_AT_MOST)
  await terminal.print(topicText(topic, TOPICS[topic], width))
  return ExitCode.DONE
}

function topicNames(): TopicName[] {
  return Object.keys(TOPIC_SUMMARIES) as TopicName[]
}

function unknown(name: string, program: Command): RivetOtelError {
  const known = [...program.commands.map((one) => one.name()), ...topicNames()]
  const near = nearNames(name, known)
  return new RivetOtelError(
    'USAGE',
    `no command or topic ${printable(name)}${near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''}`,
    { hint: 'rivet-otel help lists what there is.' },
  )
}
