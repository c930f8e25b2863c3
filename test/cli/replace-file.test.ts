import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { replaceFile } from '../../src/cli/replace-file.js'
import { newFolder } from '../sources/places.js'

describe('a file that is replaced', () => {
  it('holds the pieces, in its mode, and leaves nothing beside it', async () => {
    const folder = newFolder()
    const file = join(folder, 'report.html')
    writeFileSync(file, 'old')
    chmodSync(file, 0o600)
    await replaceFile(file, ['new', ' text'])
    expect(readFileSync(file, 'utf8')).toBe('new text')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['report.html'])
  })

  it('is written beside the half file of somebody else, which stays', async () => {
    const folder = newFolder()
    const others = `report.html.${process.pid}.tmp`
    writeFileSync(join(folder, others), 'half')
    await replaceFile(join(folder, 'report.html'), ['text'])
    expect(readdirSync(folder).sort()).toEqual(['report.html', others])
    expect(readFileSync(join(folder, others), 'utf8')).toBe('half')
  })

  it('may be written by several at once: one of them wins', async () => {
    const folder = newFolder()
    const file = join(folder, 'report.html')
    await Promise.all(['a', 'b', 'c'].map((text) => replaceFile(file, [text.repeat(100_000)])))
    expect(readFileSync(file, 'utf8')).toMatch(/^(a{100000}|b{100000}|c{100000})$/)
    expect(readdirSync(folder)).toEqual(['report.html'])
  })

  it('that cannot be leaves nothing of what was written', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'none'))
    await expect(replaceFile(join(folder, 'none', 'x', 'y'), ['text'])).rejects.toMatchObject({
      code: 'UNWRITABLE',
    })
    expect(readdirSync(join(folder, 'none'))).toEqual([])
  })
})
