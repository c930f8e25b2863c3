import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { notStarted, programName } from '../../src/exec/not-started.js'
import { newFolder } from '../delivery/temporary-folder.js'

it('On Windows a file that only a shell starts is told how it is started', () => {
  for (const name of ['nightly.cmd', 'NIGHTLY.BAT'])
    expect(notStarted(name, 'EINVAL', 'win32')).toEqual({
      exitCode: 126,
      problem: `${name}: only a shell starts such a file; expected: cmd /c ${name}`,
    })
  expect(notStarted('npx', 'ENOENT', 'win32')).toEqual({
    exitCode: 127,
    problem: 'npx: command not found; if it is a .cmd or .bat file: cmd /c npx',
  })
})

it('Elsewhere such a name is one like any other', () => {
  expect(notStarted('nightly.cmd', 'ENOENT', 'linux')).toEqual({
    exitCode: 127,
    problem: 'nightly.cmd: command not found',
  })
})

it('Only of a path it is asked whether the file is there', () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'bin'))
  const path = join(folder, 'bin', 'script')
  writeFileSync(path, '#!/no/such/interpreter\n')
  expect(notStarted(path, 'ENOENT')).toMatchObject({ exitCode: 126 })
  expect(notStarted('package.json', 'ENOENT', 'linux')).toMatchObject({ exitCode: 127 })
})

it('A name holds neither a folder nor the value of a variable', () => {
  expect(programName(join('opt', 'bin', 'rivet'))).toBe('rivet')
  expect(programName('TOKEN=s3cret')).toBe('TOKEN=…')
})
