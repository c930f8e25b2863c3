import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

describe('package-lock.json', () => {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const packages: Record<string, Locked> = JSON.parse(text).packages

  it('names no registry: each installs from the one that npm is set to', () => {
    expect(text).not.toContain('"resolved"')
    expect(text).not.toMatch(/https?:\/\/[^"]*\.tgz/)
  })

  it('holds the hash of every package', () => {
    const without = Object.entries(packages).filter(([path, { integrity }]) => path && !integrity)
    expect(without).toEqual([])
  })

  // npm leaves out, without a word, an optional package that the registry lacks, and refuses to install from that lock file.
  it('holds every optional package that another one names', () => {
    const named = Object.values(packages).flatMap((each) =>
      Object.keys(each.optionalDependencies ?? {}),
    )
    const held = Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, ''))
    expect(named.filter((name) => !held.includes(name))).toEqual([])
  })
})

interface Locked {
  integrity?: string
  optionalDependencies?: Record<string, string>
}
