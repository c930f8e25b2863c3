import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ExitCode } from '../../src/cli/exit-code.js'
import { buildProgram } from '../../src/cli/program.js'
import { processTerminal } from '../../src/cli/terminal.js'
import { TOPIC_SUMMARIES, type TopicName } from '../../src/cli/topics/topic-names.js'
import { topicText } from '../../src/cli/topics/topic-text.js'
import { TOPICS } from '../../src/cli/topics/topics.js'
import { runHere } from '../e2e/in-process.js'

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))
const names = Object.keys(TOPIC_SUMMARIES) as TopicName[]
const commands = buildProgram('0', processTerminal(process), () => {}).commands.map((one) =>
  one.name(),
)
const rivetOtel = (...args: string[]) => runHere(args, { cwd: process.cwd() })

describe('help', () => {
  it.each(commands)('%s prints the help of that command', async (command) => {
    const asked = await rivetOtel('help', command)
    expect(asked).toMatchObject({ code: 0, stderr: '' })
    expect(asked).toEqual(await rivetOtel(command, '--help'))
  })

  it.each(names)('%s prints that topic', async (name) => {
    const { code, stdout, stderr } = await rivetOtel('help', name)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n')[0]).toMatch(`${name}: `)
    expect(stdout.length).toBeGreaterThan(500)
  })

  it('alone lists every command and topic', async () => {
    const { code, stdout } = await rivetOtel('help')
    expect(code).toBe(0)
    for (const name of [...commands, ...names]) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`))
  })

  it('of something unknown names the near ones', async () => {
    expect(await rivetOtel('help', 'enviroment')).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'rivet-otel: no command or topic enviroment (did you mean environment?)\n  rivet-otel help lists what there is.\n',
    })
    expect((await rivetOtel('help', 'shwo')).stderr).toContain('did you mean show?')
    expect((await rivetOtel('help', '\u001b[31m')).stderr).toContain('\\x1b[31m')
  })

  it('of a topic is no wider than the terminal, examples aside', () => {
    for (const name of names) {
      const lines = topicText(name, TOPICS[name], 80).split('\n')
      expect(lines.filter((line) => line.length > 80 && !line.startsWith('  $'))).toEqual([])
    }
    expect(topicText('ids', TOPICS.ids, 40)).toContain('  --namespace NAME\n    Is part of')
  })

  it('fits into 80 columns, examples aside', async () => {
    for (const command of ['', ...commands]) {
      const { stdout } = await rivetOtel(...(command === '' ? [] : [command]), '--help')
      const wide = stdout.split('\n').filter((line) => line.length > 80 && !/^ +\$/.test(line))
      expect(wide, command).toEqual([])
    }
  })
})

describe('what the topics say', () => {
  it('has every variable that is read, and no other', () => {
    const said = new Set(saidOf('environment').match(/\b[A-Z][A-Z_]{3,}\b/g))
    for (const other of ['OTLP', 'OTEL_EXPORTER_OTLP_TRACES_', 'TLS', 'HTTP', 'PATH'])
      said.delete(other)
    expect([...said].sort()).toEqual([...variablesRead()].sort())
  })

  it('has every exit code', () => {
    const codes = [...saidOf('exit-codes').matchAll(/^ {2}(\d) /gm)].map(([, code]) => Number(code))
    expect(codes).toEqual(Object.values(ExitCode).sort())
  })

  it('names only options that exist', () => {
    const program = buildProgram('0', processTerminal(process), () => {})
    const known = new Set(program.commands.flatMap((one) => one.options.map(({ long }) => long)))
    for (const name of names) {
      const named = saidOf(name).match(/(?<=[\s(])--[a-z][a-z-]*/g) ?? []
      expect(
        named.filter((option) => !known.has(option)),
        name,
      ).toEqual([])
    }
  })
})

function saidOf(name: TopicName): string {
  return topicText(name, TOPICS[name], 100)
}

/** What the code of `src`, without its comments and the help itself, takes from an environment. */
function variablesRead(): Set<string> {
  const found = new Set<string>()
  for (const file of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.startsWith(join('cli', 'topics'))) continue
    const code = readFileSync(join(SOURCES, file), 'utf8').replace(/^\s*(\/?\*|\/\/).*$/gm, '')
    for (const pattern of [
      /\benv\.([A-Z][A-Z_]+)/g,
      /'((?:PG|RIVET_OTEL_|RIVET_STATE_|OTEL_)[A-Z_]+)'/g,
      /\b(TRACEPARENT|TRACESTATE)\b[^;\n]*\} = env/g,
    ])
      for (const [, name = ''] of code.matchAll(pattern)) found.add(name)
    for (const [, suffix = ''] of code.matchAll(/settingOf\([^)]*'([A-Z_]+)'/g))
      found.add(`OTEL_EXPORTER_OTLP_${suffix}`)
  }
  // The topic says once that each of these has such a form.
  for (const name of found)
    if (found.has(name.replace('_TRACES_', '_')) && /_TRACES_(?!ENDPOINT)/.test(name))
      found.delete(name)
  return found
}
