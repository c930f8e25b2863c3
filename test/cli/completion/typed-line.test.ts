import { describe, expect, it } from 'vitest'
import { typedLine } from '../../../src/cli/completion/typed-line.js'
import { buildProgram } from '../../../src/cli/program.js'
import { processTerminal } from '../../../src/cli/terminal.js'

const program = buildProgram('0', processTerminal(process), () => {})

function slotAt(...words: string[]): string {
  const { slot } = typedLine(program, words)
  if (slot.kind === 'value') return `value of ${slot.option.long}`
  return slot.kind === 'argument' ? `<${slot.argument.name()}>` : slot.kind
}

describe('a line that is being typed', () => {
  it('begins with a command, or an option of the program', () => {
    expect(slotAt('')).toBe('command')
    expect(slotAt('sho')).toBe('command')
    expect(slotAt('--')).toBe('option')
    expect(slotAt('nonsense', '')).toBe('nothing')
  })

  it('has the argument of its command wherever options stand', () => {
    expect(slotAt('show', '')).toBe('<run-id>')
    expect(slotAt('show', '--from', 'a.db', 'x')).toBe('<run-id>')
    expect(slotAt('show', '--from=a.db', '--json', 'x')).toBe('<run-id>')
    expect(slotAt('correlate', '--chunk', '')).toBe('<run-id>')
    expect(slotAt('correlate', '--chunk', '7', '')).toBe('<run-id>')
    expect(slotAt('show', '--', '-x')).toBe('<run-id>')
  })

  it('has options where no argument is left', () => {
    expect(slotAt('runs', '')).toBe('option')
    expect(slotAt('show', 'orders_1', '')).toBe('option')
    expect(slotAt('show', '-')).toBe('option')
  })

  it('has the value of an option behind it, with and without =', () => {
    expect(slotAt('runs', '--from', '')).toBe('value of --from')
    expect(slotAt('runs', '-c', '')).toBe('value of --config')
    expect(slotAt('runs', '--from=')).toBe('value of --from')
    expect(slotAt('export', '--verify', '')).toBe('value of --verify')
    expect(slotAt('export', '--verify', '--')).toBe('option')
    expect(typedLine(program, ['runs', '--from=x'])).toMatchObject({ lead: '--from=', typed: 'x' })
  })

  it('has somebody else’s command behind exec --', () => {
    expect(slotAt('exec', '--join', '--', '')).toBe('wrapped')
    expect(slotAt('exec', '--', 'rivet', 'run', '--')).toBe('wrapped')
    expect(slotAt('exec', '--to', '')).toBe('value of --to')
  })

  it('tells which place it names', () => {
    const { given } = typedLine(program, ['show', '--from', 'a', '-c', 'b', '--json', ''])
    expect([...given]).toEqual([
      ['--from', 'a'],
      ['--config', 'b'],
      ['--json', ''],
    ])
  })
})
