import { Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { optionValues } from '../../../src/cli/completion/option-values.js'
import { buildProgram } from '../../../src/cli/program.js'
import { processTerminal } from '../../../src/cli/terminal.js'
import { REDACTED_FIELDS } from '../../../src/journal/redaction.js'

const options = buildProgram('0', processTerminal(process), () => {}).commands.flatMap(
  (command) => command.options,
)

function valuesOf(long: string, typed = ''): readonly string[] | undefined {
  const option = options.find((one) => one.long === long)
  if (option === undefined) throw new Error(`no option ${long}`)
  return optionValues(option, typed)
}

describe('the values of an option', () => {
  it('are those that its description lists', () => {
    expect(valuesOf('--protocol')).toEqual(['http/protobuf', 'http/json'])
    expect(valuesOf('--compression')).toEqual(['gzip', 'none'])
    expect(valuesOf('--status')).toEqual(['success', 'failed', 'skipped', 'interrupted', 'running'])
    expect(valuesOf('--since')).toEqual(['90m', '24h', '7d'])
  })

  it('are those of the redaction, each once in a list', () => {
    expect(valuesOf('--redact')?.toSorted()).toEqual(Object.keys(REDACTED_FIELDS).sort())
    expect(valuesOf('--redact', 'query,')).toEqual(['query,keys', 'query,errors', 'query,files'])
  })

  it('are unknown where a description is only words', () => {
    for (const long of ['--namespace', '--header', '--wait', '--tenant', '--last', '--redact-key'])
      expect(valuesOf(long), long).toBeUndefined()
    expect(valuesOf('--json')).toBeUndefined()
  })

  it('are the choices of its definition where it has some', () => {
    expect(optionValues(new Option('--as <what>', 'of a, b').choices(['x', 'y']), '')).toEqual([
      'x',
      'y',
    ])
  })
})
